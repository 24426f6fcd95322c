"""The forms in which user-data is handed over, and on what its size is counted."""

from __future__ import annotations

import base64
import functools
import gzip
from dataclasses import dataclass

COUNTED = ("decoded", "base64", "text", "characters", "together")


@dataclass(frozen=True, slots=True)
class Form:
    """Compressed or not, and then in base64 or not."""

    gzip: bool
    base64: bool


FORMS = {
    "plain": Form(gzip=False, base64=False),
    "gzip": Form(gzip=True, base64=False),
    "base64": Form(gzip=False, base64=True),
    "gzip+base64": Form(gzip=True, base64=True),
}


def compressed(content: bytes) -> bytes:
    """Same content, same bytes: no time in it, and "unknown" as the system, of which Pythons differ."""
    made = gzip.compress(content, 9, mtime=0)
    return made[:9] + b"\xff" + made[10:]


class Body:
    """One user-data in all its forms; it is compressed at most once, and only if a form wants that."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @functools.cached_property
    def compressed(self) -> bytes:
        """With gzip."""
        return compressed(self.content)

    def decoded(self, form: Form) -> bytes:
        """What is left when the base64 is off."""
        return self.compressed if form.gzip else self.content

    def handed(self, form: Form) -> bytes:
        """What is handed over. Base64 is one line without its end: a guest that tries for base64 takes no other."""
        decoded = self.decoded(form)
        return base64.b64encode(decoded) if form.base64 else decoded

    def size(self, form: Form, counted: str, beside: int) -> int:
        """How large it is in a form, as `counted` says; `beside` is what else counts together with it."""
        length = len(self.decoded(form))
        if counted == "decoded":
            return length
        if counted == "characters" and not form.base64:
            return len(self.decoded(form).decode(errors="replace"))
        text = _in_base64(length) if form.base64 or counted == "base64" else length
        return text + beside if counted == "together" else text


def _in_base64(length: int) -> int:
    """How long base64 of so many bytes is."""
    return (length + 2) // 3 * 4
