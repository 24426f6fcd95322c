"""What is said of user-data on its way to a cloud."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from generator.errors import shown
from generator.sentences import Words

_UNITS = {
    "decoded": "bytes",
    "base64": "bytes of base64",
    "text": "bytes",
    "characters": "characters",
    "together": "bytes, with what is beside it",
}
_FORMS = {"plain": "as it is", "gzip": "in gzip", "base64": "in base64", "gzip+base64": "in gzip and base64"}
BAKED = "take out what is largest, or bake it into the image (nodebake build), whose nodes need no such user-data"


def no_target(name: str, known: Sequence[str]) -> Words:
    guesses = difflib.get_close_matches(name, known, 1)
    return (
        f"there is no target {shown(name)}",
        f"did you mean {guesses[0]}?" if guesses else f"there are: {', '.join(known)}",
    )


def form(name: str) -> str:
    """A form, in words."""
    return _FORMS[name]


def amount(size: int, counted: str) -> str:
    """A size and its unit."""
    return f"{size} {_UNITS[counted]}"


def too_large(title: str, limit: int, counted: str, sizes: Sequence[tuple[str, int]]) -> str:
    """`sizes` are those of every form that may be taken there."""
    have = ", ".join(f"{size} {form(name)}" for name, size in sizes)
    return f"user-data does not fit {title}: {amount(limit, counted)} at most, and it has {have}"


def what_to_do(instead: str) -> str:
    """The hint at what does not fit."""
    return f"{BAKED}; or {instead}" if instead else BAKED


def unconfirmed(title: str, limit: int, counted: str, size: int) -> str:
    return f"user-data may not fit {title}: {amount(limit, counted)} at most, which is not confirmed, and it has {size}"


def not_read(title: str, since: str, version: str) -> Words:
    sentence = f"{title} is read by cloud-init {since} and later, and this node has {version}"
    return sentence, "name the version with --cloud-init, if your image carries another than the base"


def handed(title: str, name: str, fits: str, how: str) -> str:
    """`fits` says how much of what is taken."""
    return f"user-data for {title}, {form(name)}{fits and f', {fits}'}: {how}"


def of_limit(size: int, limit: int, counted: str) -> str:
    """How much of a limit is used."""
    return f"{size} of {amount(limit, counted)}"
