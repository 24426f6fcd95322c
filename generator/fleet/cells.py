"""What an object of a list says of a node, in JSON or YAML -> the texts that its row has in CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.fleet.columns import Column
from generator.sentences import Words, nodes

Wrong = Callable[[str, Words], None]  # the name of a column, and what is wrong there


def texts_of(found: Any, known: Mapping[str, Column], wrong: Wrong) -> list[str] | None:  # noqa: ANN401
    """Those of one node, in the order of `known`; None where something is wrong with it."""
    if not isinstance(found, dict):
        wrong("", nodes.NOT_A_ROW)
        return None
    sound = True
    for name in found.keys() - known.keys():
        wrong(name, nodes.no_such_column(name, list(known)))
        sound = False
    cells = []
    for name, column in known.items():
        text = _cell(found.get(name), column)
        if text is None:
            wrong(name, nodes.bad_cell(_called(found[name])))
            sound = False
        cells.append(text or "")
    return cells if sound else None


def _cell(value: Any, column: Column) -> str | None:  # noqa: ANN401
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if column.name == "labels" and isinstance(value, dict):
        value = [f"{name}={text}" for name, text in value.items()]
    return _joined(value, column.split) if column.split and isinstance(value, list) else None


def _joined(items: Sequence[Any], split: str) -> str | None:
    """None where an item is no text, or would come apart into two."""
    return split.join(items) if all(isinstance(item, str) and item and split not in item for item in items) else None


def _called(value: object) -> str:
    names = {bool: "true or false", float: "a number with a point", dict: "a mapping", list: "such a list"}
    return names.get(type(value), "this")
