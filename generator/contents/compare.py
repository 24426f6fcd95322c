"""In what two images differ, and which of that was looked at and may be so (allowed.yaml)."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import data
from generator.contents import Entry

_ALLOWED = Path(__file__).with_name("allowed.yaml")
MISSING = "there"  # the field of what only one of them has


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing at one path; `allowed` says why it may be so, "" where nobody has said that."""

    path: str
    field: str
    one: str
    other: str
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A row of allowed.yaml: a shell pattern (its * takes slashes, too), the fields that may differ, and why."""

    path: str
    fields: tuple[str, ...]
    why: str

    def fits(self, found: Difference) -> bool:
        return found.field in self.fields and fnmatch.fnmatchcase(found.path, self.path)


def allowed() -> tuple[Allowed, ...]:
    """The reviewed list."""
    return tuple(Allowed(row["path"], tuple(row["fields"]), row["why"]) for row in data.rows(_ALLOWED) or ())


def compare(
    one: Mapping[str, Entry], other: Mapping[str, Entry], rows: Sequence[Allowed] | None = None
) -> tuple[Difference, ...]:
    """All differences, by path."""
    listed = allowed() if rows is None else rows
    return tuple(_judged(found, listed) for path in sorted({*one, *other}) for found in _at(path, one, other))


def _at(path: str, one: Mapping[str, Entry], other: Mapping[str, Entry]) -> Iterator[Difference]:
    here, there = one.get(path), other.get(path)
    if here is None or there is None:
        yield Difference(path, MISSING, here.kind if here else "", there.kind if there else "")
        return
    for field in dataclasses.fields(Entry):
        values = getattr(here, field.name), getattr(there, field.name)
        if values[0] != values[1]:
            yield Difference(path, field.name, *values)


def _judged(found: Difference, rows: Sequence[Allowed]) -> Difference:
    why = next((row.why for row in rows if row.fits(found)), "")
    return dataclasses.replace(found, allowed=why)


def text(found: Sequence[Difference], *, everything: bool) -> Iterator[str]:
    """Lines for a person; what is allowed is counted only, unless `everything` is wanted."""
    open_, closed = ([one for one in found if bool(one.allowed) == is_allowed] for is_allowed in (False, True))
    for one in found if everything else open_:
        yield f"{_shown(one)}{f' (allowed: {one.allowed})' if one.allowed else ''}"
    yield f"{len(open_)} differences, and {len(closed)} that are allowed"


def _shown(found: Difference) -> str:
    if found.field != MISSING:
        return f"{found.path}: {found.field}: {found.one or 'none'} | {found.other or 'none'}"
    where = "first" if found.one else "second"
    return f"{found.path}: only in the {where}, a {found.one or found.other}"
