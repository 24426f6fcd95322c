"""JSON in which no key stands twice: of two the last would be taken, and a reader of the file sees the first."""

from __future__ import annotations

import json
from typing import Any


class KeyTwiceError(ValueError):
    """An object has a key twice."""

    def __init__(self, key: str) -> None:
        super().__init__(f"a key is there twice: {key}")
        self.key = key


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these pairs, for json's object_pairs_hook."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise KeyTwiceError(next(name for name in names if names.count(name) > 1))
    return found


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """As json.loads. Raises ValueError, of which KeyTwiceError is one, and RecursionError."""
    return json.loads(text, object_pairs_hook=once)
