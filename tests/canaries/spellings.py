"""The ways in which a secret may lie about: as it is, in UTF-16, in base64 at each alignment, percent-encoded."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Iterator, Mapping

_BITS = {"base64": 6, "byte": 8}
_SHORTEST = 8  # bytes of a spelling: less is found by chance


def needles(secrets: Mapping[str, bytes]) -> dict[bytes, str]:
    """Every spelling of every secret, and what it is a spelling of: `token, in base64 (1)`."""
    return {text: f"{name}, {how}" for name, secret in secrets.items() for how, text in spellings(secret)}


def spellings(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Each once; the secret itself last, so that a text which is its own encoding is called what it is."""
    for text in _percent(secret):
        if text != secret:
            yield "percent-encoded", text
    for shift in range(3):
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            text = _inside(alphabet(b"\0" * shift + secret), shift, len(secret))
            if len(text) >= _SHORTEST:
                yield f"in base64 ({shift})", text
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        pass
    else:
        yield "in UTF-16 LE", text.encode("utf-16-le")
        yield "in UTF-16 BE", text.encode("utf-16-be")
    yield "as it is", secret


def _percent(secret: bytes) -> Iterator[bytes]:
    for safe in ("", "/:@"):
        quoted = urllib.parse.quote(secret, safe=safe)
        yield quoted.encode()
        yield quoted.lower().encode() if quoted.lower() != quoted and secret.islower() else quoted.encode()


def _inside(encoded: bytes, shift: int, length: int) -> bytes:
    """The characters all of whose bits are the secret's, whatever stands before and behind it."""
    first = -(-shift * _BITS["byte"] // _BITS["base64"])
    last = (shift + length) * _BITS["byte"] // _BITS["base64"]
    return encoded[first:last]
