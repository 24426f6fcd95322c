"""Who vouches for an image: a list of checksums that somebody signed, whose key the profile names by its fingerprint.

The key comes from wherever it is published; what makes it the right one is the fingerprint. Signatures are looked at by
gpgv of GnuPG: what is valid is what it says on its status lines (doc/DETAILS of GnuPG).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator import errors, proc
from generator.base import sentences, web
from generator.model import BasePin, Signed

_LARGEST = 1 << 20  # bytes of a list, a signature, a key
_GNU = r"(?P<sum>[0-9a-f]{128}|[0-9a-f]{64}) [ *](?P<name>.+)"  # sha256sum(1)
_BSD = r"SHA(?:256|512) \((?P<name>.+)\) = (?P<sum>[0-9a-f]{128}|[0-9a-f]{64})"  # as Fedora's and Rocky's
_ALGORITHMS: Mapping[int, str] = {64: "sha256", 128: "sha512"}


def check(pin: BasePin, signed: Signed, image: Path) -> None:
    """Raises ToolError where the list is not signed by that key, or does not have the bytes of `image`."""
    sums = _verified(signed)
    name = posixpath.basename(unquote(urlsplit(pin.url).path))
    listed = _listed(sums.decode("utf-8", "replace"), name)
    if not listed:
        raise sentences.not_listed(signed.sums, name)
    for wanted in sorted(listed):
        with image.open("rb") as file:
            found = hashlib.file_digest(file, _ALGORITHMS[len(wanted)]).hexdigest()
        if found != wanted:
            raise sentences.listed_otherwise(signed.sums, name, wanted, found)


def _listed(text: str, name: str) -> set[str]:
    rows = (re.fullmatch(_GNU, line) or re.fullmatch(_BSD, line) for line in text.splitlines())
    return {row["sum"] for row in rows if row and row["name"] == name}


def _verified(signed: Signed) -> bytes:
    """The list as it was signed: of one that carries its signature, what stands between the marks."""
    with tempfile.TemporaryDirectory(prefix="nodebake-signed.") as folder:
        work = Path(folder)
        (work / "key").write_bytes(_binary(web.small(signed.key, _LARGEST), signed.key))
        (work / "sums").write_bytes(web.small(signed.sums, _LARGEST))
        argv: list[str | Path] = ["gpgv", "--homedir", work, "--status-fd", "1", "--keyring", work / "key"]
        if signed.signature:
            (work / "signature").write_bytes(web.small(signed.signature, _LARGEST))
            _ask([*argv, work / "signature", work / "sums"], signed)
            return (work / "sums").read_bytes()
        _ask([*argv, "--output", work / "plain", work / "sums"], signed)
        return (work / "plain").read_bytes()


def _ask(argv: list[str | Path], signed: Signed) -> None:
    proc.find("gpgv")
    try:
        told = proc.run(argv)
    except errors.ToolError as error:
        raise sentences.not_signed(signed.sums, signed.fingerprint, str(error)) from None
    status = [line.split() for line in told.splitlines() if line.startswith("[GNUPG:] ")]
    good = any(words[1] == "GOODSIG" for words in status)
    primary = {words[-1] for words in status if words[1] == "VALIDSIG"}
    if not good or primary != {signed.fingerprint}:
        raise sentences.not_signed(signed.sums, signed.fingerprint, told)


def _binary(key: bytes, where: str) -> bytes:
    """A key as gpgv takes it: without armour (RFC 4880, 6.2), of which headers, checksums and what is between go."""
    if b"-----BEGIN PGP" not in key:
        return key
    blocks: list[bytearray] = []
    inside = False
    for line in map(bytes.strip, key.splitlines()):
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
        raise errors.fetch_failed(where, f"it is no OpenPGP key: {error}") from None
