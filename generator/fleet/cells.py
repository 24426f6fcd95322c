"""What an object of a list says of a node, in JSON or YAML -> the texts that its row has in CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.fleet.columns import Column
from generator.sentences import Words, nodes

_CALLED = {
    type(None): "null",
    bool: "true or false",
    float: "a number with a point",
    dict: "a mapping",
    list: "such a list",
}
Wrong = Callable[[tuple[str, ...], Words], None]  # the keys that lead to a place, and what is wrong there


def texts_of(found: Any, known: Mapping[str, Column], wrong: Wrong) -> list[str] | None:  # noqa: ANN401
    """Those of one node, in the order of `known`; None where something is wrong with it."""
    if not isinstance(found, dict):
        wrong((), nodes.NOT_A_ROW)
        return None
    unknown = found.keys() - known.keys()
    for name in unknown:
        wrong((name,), nodes.no_such_column(name, list(known)))
    values = map(found.get, known)
    each = [
        value if isinstance(value, str) else _text(value, column, wrong)  # most are texts
        for value, column in zip(values, known.values(), strict=True)
    ]
    sound = [text for text in each if text is not None]
    return None if unknown or len(sound) < len(each) else sound


def _text(value: Any, column: Column, wrong: Wrong) -> str | None:  # noqa: ANN401
    if value is None:
        return ""
    if _plain(value):
        return str(value)
    if column.mapping and isinstance(value, dict):
        bad = [key for key, text in value.items() if not _plain(text)]
        for key in bad:
            wrong((column.name, key), nodes.no_text(key, _called(value[key])))
        if bad:
            return None
    items = _items(value, column)
    text = None if items is None else _joined(items, column.split)
    if text is None:
        wrong((column.name,), nodes.bad_cell(_called(value)))
    return text


def _plain(value: Any) -> bool:  # noqa: ANN401
    """A text, or a number that has but one spelling."""
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _items(value: Any, column: Column) -> list[Any] | None:  # noqa: ANN401
    if column.mapping and isinstance(value, dict):
        return [f"{key}={text}" for key, text in value.items()]
    return value if column.split and isinstance(value, list) else None


def _joined(items: Sequence[Any], split: str) -> str | None:
    """None where an item is no text, or would come apart into two."""
    return split.join(items) if all(isinstance(item, str) and item and split not in item for item in items) else None


def _called(value: object) -> str:
    return _CALLED.get(type(value), "this")
