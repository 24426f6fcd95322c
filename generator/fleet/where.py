"""Where a value stands in a line: sought only when something is wrong with it."""

from __future__ import annotations

import json
import re

_BLANK = re.compile(r"[ \t\n\r]*")
_value = json.JSONDecoder().raw_decode


def in_json(text: str, path: tuple[str, ...]) -> int:
    """The column, from 1, of what these keys lead to in a text that is JSON; of the nearest above it that is there."""
    at = _past_blanks(text, 0) if path else 0
    for key in path:
        inside = _member(text, at, key)
        if inside is None:
            break
        at = inside
    return at + 1


def _member(text: str, at: int, wanted: str) -> int | None:
    """Where a value of the object begins that begins here."""
    while text[at] in "{,":
        at = _past_blanks(text, at + 1)
        if text[at] == "}":
            break
        key, at = _value(text, at)
        at = _past_blanks(text, _past_blanks(text, at) + 1)
        if key == wanted:
            return at
        at = _past_blanks(text, _value(text, at)[1])
    return None


def _past_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
