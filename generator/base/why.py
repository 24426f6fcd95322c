"""Why something was found in a cache, or was not: in words."""

from __future__ import annotations

from collections.abc import Sequence

FIRST = "nothing like it was made before"
SAME = "nothing has changed"
READ = "it is there, and its bytes are what was put there"
FRESH = "it was asked to be made anew"
DAMAGED = "what was there is not what was put there"
INCOMPLETE = "what was there is incomplete"
# What a part without a name is called, by its kind in Python.
KINDS = {"Distro": "the distribution's facts", "Variant": "the variant", "Source": "the mirrors", "str": "the packages"}


# What changes whenever something else does, and is told only where nothing else did.
UPLOAD, PROFILE, ARTEFACTS = "what is uploaded", "the profile's text", "what is rendered"
_AFTER_ALL = (UPLOAD, ARTEFACTS, PROFILE)


def changed(names: Sequence[str]) -> str:
    """`names` are parts: boot.py, sysctl, the base."""
    telling = [name for name in names if name not in _AFTER_ALL] or names
    return f"changed: {', '.join(telling)}"


def line(what: str, hit: bool, reason: str) -> str:
    return f"{what}: {'hit' if hit else 'miss'}, {reason}"


def gone(file: str) -> str:
    return f"{file} is not there any more"


def other(file: str) -> str:
    return f"{file} is not what was made"
