"""Who vouches for an image: a list of checksums that somebody signed, whose key the profile names by its fingerprint.

The key comes from wherever it is published; what makes it the right one is the fingerprint.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator import openpgp
from generator.base import sentences, web
from generator.model import BasePin, Signed

_LARGEST = 1 << 20  # bytes of a list, a signature, a key
_GNU = r"(?P<sum>[0-9a-f]{128}|[0-9a-f]{64}) [ *](?P<name>.+)"  # sha256sum(1)
_BSD = r"SHA(?:256|512) \((?P<name>.+)\) = (?P<sum>[0-9a-f]{128}|[0-9a-f]{64})"  # as Fedora's and Rocky's


def check(pin: BasePin, signed: Signed, image: Path) -> None:
    """Raises ToolError where the list is not signed by that key, or does not have the bytes of `image`.

    That they have the sha256 of `pin` was looked at before.
    """
    sums = _verified(signed)
    name = posixpath.basename(unquote(urlsplit(pin.url).path))
    listed = _listed(sums.decode("utf-8", "replace"), name)
    if not listed:
        raise sentences.not_listed(signed.sums, name)
    for wanted in sorted(listed):
        found = pin.sha256.lower() if len(wanted) == len(pin.sha256) else _sha512(image)
        if found != wanted:
            raise sentences.listed_otherwise(signed.sums, name, wanted, found)


def _sha512(image: Path) -> str:
    with image.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def _listed(text: str, name: str) -> set[str]:
    rows = (re.fullmatch(_GNU, line) or re.fullmatch(_BSD, line) for line in text.splitlines())
    return {row["sum"] for row in rows if row and row["name"] == name}


def _verified(signed: Signed) -> bytes:
    sums, keys = web.small(signed.sums, _LARGEST), web.small(signed.key, _LARGEST)
    signature = web.small(signed.signature, _LARGEST) if signed.signature else None
    try:
        return openpgp.verified(sums, keys, signed.fingerprint, signature)
    except openpgp.NotSignedError as error:
        raise sentences.not_signed(signed.sums, signed.fingerprint, str(error)) from None
