"""Versions of cloud-init, as they are written: 22.4, 25.1.4."""

from __future__ import annotations

import re

from generator import errors
from generator.cloudinit import sentences

OLDEST = "22.4"
NEWEST = "26.2"
_WRITTEN = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?", re.ASCII)


def parse(text: str) -> tuple[int, ...]:
    """A version that can be compared. Raises ValueError for what is none."""
    return tuple(int(part) for part in text.split("."))


def checked(text: str) -> str:
    """A version that somebody named. Raises a usage error for what is none, or is not known here."""
    if not _WRITTEN.fullmatch(text):
        raise errors.usage(*sentences.no_version(text, OLDEST, NEWEST))
    if not parse(OLDEST) <= parse(text)[:2] <= parse(NEWEST):
        raise errors.usage(*sentences.version_unknown(text, OLDEST, NEWEST))
    return text
