"""Ed25519 keys in PEM files, as `openssl genpkey -algorithm ed25519` writes them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from generator import regular
from generator.attest import sentences

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_LARGEST = 1 << 16


def private(path: Path) -> Ed25519PrivateKey:
    """The private key in a file. Raises a usage error for what is none, ToolError without `cryptography`."""
    content = _read(path)
    _need()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(content, None)
    except TypeError:
        raise sentences.bad_key(str(path), sentences.ENCRYPTED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise sentences.bad_key(str(path), sentences.NOT_PEM) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise sentences.bad_key(str(path), sentences.OTHER_KIND)
    return key


def public(path: Path) -> Ed25519PublicKey:
    """The public key in a file. Raises as `private` does."""
    content = _read(path)
    _need()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    if b"PRIVATE KEY-----" in content:
        raise sentences.bad_key(str(path), sentences.PRIVATE_GIVEN)
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise sentences.bad_key(str(path), sentences.NOT_PUBLIC) from None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise sentences.bad_key(str(path), sentences.OTHER_KIND)
    return key


def ident(key: Ed25519PublicKey) -> str:
    """What stands for a key where people compare: the sha256 of its SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - an extra

    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(spki).hexdigest()}"


def _need() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        raise sentences.no_extra("cryptography") from None


def _read(path: Path) -> bytes:
    try:
        with regular.opened(path) as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise sentences.not_read(str(path), error.strerror or str(error)) from None
