"""A plan for people: the values by setting, then the files, the units and the checks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from generator.model import Origin, Plan
from generator.overview import Value, shown, values

_WIDTH = 110


def text(plan: Plan) -> str:
    """In columns: the value, and who says so; below it why, and what lost against it."""
    found = values(plan)
    lines = [f"{plan.profile.name} on {plan.distro.title}"]
    for stem, group in groupby(found, key=lambda one: one.stem):
        lines += ["", stem, *_values(list(group), _widths(found)), *_whole(plan, stem)]
    files = [(file.path, f"{file.mode} {file.owner}:{file.group}", stem) for stem, file in plan.files]
    units = [(one.args[0], one.want, one.setting) for one in plan.expects if one.kind.startswith("unit-")]
    lines += [*_table("files on the node", files), *_table("units", units)]
    lines += _table("checks", [(one.id, one.want, "") for one in plan.expects])
    return "\n".join(lines) + "\n"


def _widths(found: Sequence[Value]) -> tuple[int, int]:
    return (
        max((len(one.key or one.shown) for one in found), default=0),
        max((len(one.shown) for one in found if one.key), default=0),
    )


def _values(group: Sequence[Value], widths: tuple[int, int]) -> Iterator[str]:
    """What was brought for one reason says it once, below the last of them."""
    for value, after in zip_longest(group, group[1:]):
        yield from _value(value, *widths)
        if after is None or value.origin != after.origin:
            yield from _because(value)


def _value(value: Value, key: int, wide: int) -> Iterator[str]:
    first, second = (value.key, value.shown) if value.key else (value.shown, "")
    yield f"  {first:<{key}}  {second:<{wide}}  {value.origin.by or f'line {value.line}'}"
    if value.key:
        yield from _beats(value.origin)


def _whole(plan: Plan, stem: str) -> Iterator[str]:
    """What lost against a setting as a whole."""
    return _beats(plan.profile.origins.get((stem, ""), Origin("")))


def _beats(origin: Origin) -> Iterator[str]:
    for lost in origin.overruled:
        wanted = "" if lost.value is None else f" {shown(lost.value)}"
        yield from _told(f"beats{wanted} of {lost.by}, which says: {lost.why}", lost.source)


def _because(value: Value) -> list[str]:
    origin = value.origin
    return _told(f"because {origin.why}", origin.source) if origin.by and origin.why else []


def _told(said: str, source: str) -> list[str]:
    said = f"{said} [{source}]" if source else said
    return textwrap.wrap(said, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 8, break_on_hyphens=False)


def _table(title: str, rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield from ("", title)
    wide = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    for first, second, third in rows:
        yield f"  {first:<{wide[0]}}  {second:<{wide[1]}}  {third}".rstrip()
