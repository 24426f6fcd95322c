"""What people see when a node lacks a setting, and its causes, the likeliest first: the rows of *.yaml here.

A text with <module>, <parameter> or <package> stands for one text for each row of generator/reasons that it can name,
and for one that names none of them. What a row of generator/reasons says `breaks` is a symptom too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import data, names, reasons
from generator.reasons import Place

_HERE = Path(__file__).parent
_NAMED = {"<module>": "modules", "<parameter>": "sysctl", "<package>": "packages"}


@dataclass(frozen=True, slots=True)
class Text:
    """A line as a program prints it. `when` says which versions do, `must` what a line has to have to be it."""

    text: str
    when: str = ""
    must: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause: `row` is where it stands in generator/reasons, `look` a command that tells whether it is this one."""

    row: Place
    because: str
    look: str


@dataclass(frozen=True, slots=True)
class Symptom:
    """`tell` says how to tell the causes apart, `must` is what a line has to name to be this symptom.

    `only_breaks` is one that no program prints but nodebake: what a row says breaks.
    """

    id: str
    says: str
    by: str
    source: str
    texts: tuple[Text, ...]
    causes: tuple[Cause, ...]
    tell: str = ""
    must: str = ""
    only_breaks: bool = False

    @property
    def kind(self) -> str:
        """The symptom's name, whichever module or parameter it names."""
        return self.id.partition(".")[0]


@functools.cache
def rows() -> tuple[Symptom, ...]:
    """Every symptom, with those that name one module or parameter before those that name none."""
    found: list[Symptom] = []
    for path in sorted(_HERE.glob("*.yaml")):
        for name, row in data.rows(path).items():
            found.extend(_each(name, row))
    return (*found, *_breaks())


def _each(name: str, row: Mapping[str, Any]) -> Iterator[Symptom]:
    """One symptom for each row that a placeholder of its texts may name, and one for those without a row."""
    said = " ".join(str(text) for text in row["texts"])
    mark = next((mark for mark in _NAMED if mark in said), "")
    if not mark:
        yield _symptom(name, row, {})
        return
    listed = [_place(full) for full in row.get("each", ())]
    for stem, key in listed or _nameable(_NAMED[mark]):
        values = {mark: key, "<needs>": reasons.module_of((stem, key))}
        yield _symptom(f"{name}.{key}", row, values, key)
    if not listed:
        yield _symptom(name, row, {})


def _nameable(stem: str) -> list[Place]:
    """The rows that a text can name: every module, and every parameter that comes with a module."""
    plain = {
        place: row for place, row in reasons.rows().items() if place[0] == stem and place[1] and "*" not in place[1]
    }
    if stem == "modules":
        return [place for place, row in plain.items() if row.sample is None]  # the others are about modules, and none
    return [place for place in plain if reasons.module_of(place)]


def _symptom(name: str, row: Mapping[str, Any], values: Mapping[str, str], must: str = "") -> Symptom:
    texts = [text if isinstance(text, dict) else {"text": text} for text in row["texts"]]
    return Symptom(
        id=name,
        says=row["says"],
        by=row["by"],
        source=row["source"],
        texts=tuple(Text(**{**text, "text": _filled(text["text"], values)}) for text in texts),
        causes=tuple(_cause(cause, values) for cause in row["causes"]),
        tell=row.get("tell", ""),
        must=must,
    )


def _cause(row: Mapping[str, str], values: Mapping[str, str]) -> Cause:
    """Where nothing is named, the setting as such is the cause."""
    filled = {key: _filled(text, values) for key, text in row.items()}
    return Cause(**{**filled, "row": _place(filled["row"].partition(".<")[0])})  # type: ignore[arg-type]


def _filled(text: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _place(full: str) -> Place:
    stem, _, key = full.partition(".")
    return stem, key


def _breaks() -> Iterator[Symptom]:
    """`nodebake verify` prints what breaks; whoever pastes that gets the row."""
    for place, row in reasons.rows().items():
        if reasons.KEY in row.breaks:
            continue
        cause = Cause(place, row.why, f"nodebake explain {names.full(*place)}")
        name, by = f"breaks.{names.full(*place)}", "nodebake verify"
        yield Symptom(name, row.breaks, by, "", (Text(row.breaks),), (cause,), only_breaks=True)
