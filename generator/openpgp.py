"""What somebody signed, looked at by gpgv of GnuPG, for one key that is known by its fingerprint.

Where the public key comes from does not matter: what makes it the right one is the fingerprint. What is valid is what
gpgv says on its status lines (doc/DETAILS of GnuPG).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path

from generator import errors, proc, scratch


class NotSignedError(Exception):
    """Its text says why, in words that can stand behind a colon."""


def verified(document: bytes, keys: bytes, fingerprint: str, signature: bytes | None = None) -> bytes:
    """What was signed: the document, or where it carries its signature in itself, what stands between the marks.

    `keys` is one or more public keys, armoured or not; `fingerprint` is upper-case and of the primary key that must
    have signed. Raises NotSignedError, and ToolError where gpgv is missing.
    """
    proc.find("gpgv")
    with scratch.folder(scratch.usual(), "nodebake-signed.") as work:
        (work / "keys").write_bytes(binary(keys))
        (work / "document").write_bytes(document)
        argv: list[str | Path] = ["gpgv", "--homedir", work, "--status-fd", "1", "--keyring", work / "keys"]
        if signature is not None:
            (work / "signature").write_bytes(signature)
            _ask([*argv, work / "signature", work / "document"], fingerprint)
            return document
        _ask([*argv, "--output", work / "plain", work / "document"], fingerprint)
        return (work / "plain").read_bytes()


def _ask(argv: list[str | Path], fingerprint: str) -> None:
    try:
        told = proc.run(argv)
    except errors.ToolError as error:
        raise NotSignedError(_words(str(error))) from None
    if fingerprint not in (signers := set(_signers(told))):
        raise NotSignedError(f"by {', '.join(sorted(signers))}" if signers else _words(told))


def _signers(told: str) -> Iterator[str]:
    """The primary keys of good signatures: what comes before VALIDSIG says whether the key has expired, for one."""
    verdict = ""
    for words in (line.split() for line in told.splitlines() if line.startswith("[GNUPG:] ")):
        if words[1] == "VALIDSIG" and verdict == "GOODSIG":
            yield words[-1]
        verdict = words[1] if words[1].endswith("SIG") else verdict


def _words(told: str) -> str:
    """What of it is meant for people."""
    rows = [line.partition("gpgv: ")[2].strip() for line in told.splitlines() if "gpgv: " in line]
    return "; ".join(rows) or "gpgv found no signature"


def binary(keys: bytes) -> bytes:
    """Keys as gpgv takes them: without armour (RFC 9580, 6.2), of which headers, checksums and what is between go.

    Raises NotSignedError where the armour has no base64 in it.
    """
    if b"-----BEGIN PGP" not in keys:
        return keys
    blocks: list[bytearray] = []
    inside = False
    for line in map(bytes.strip, keys.splitlines()):
        if line.startswith(b"-----BEGIN PGP PUBLIC"):
            blocks.append(bytearray())
        elif line.startswith((b"=", b"-----")):
            inside = False
        elif blocks and not line and not blocks[-1]:
            inside = True
        elif inside:
            blocks[-1] += line
    try:
        return b"".join(base64.b64decode(block, validate=True) for block in blocks)
    except binascii.Error as error:
        raise NotSignedError(f"the key is no OpenPGP key: {error}") from None
