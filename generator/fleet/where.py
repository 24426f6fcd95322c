"""Where a value stands in a list: sought only when something is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_BLANK = re.compile(r"[ \t\n\r]*")
_value = json.JSONDecoder().raw_decode


def in_csv(text: Iterable[str], delimiter: str, line: int, index: int) -> tuple[int, int]:
    """The line and column where the cell of a number begins; `text` are the characters from the begin of `line` on.

    A quote opens only as a cell's first character; in such a cell, two of them close and open again.
    """
    column, begins, in_quotes, quoted = 1, True, False, False
    for character in text:
        if index == 0:
            break
        if begins:
            in_quotes = character == '"'
        quoted ^= in_quotes and character == '"'
        begins = character == delimiter and not quoted
        index -= begins
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return line, column


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
