"""Three snapshots x the table of differences -> what is wrong."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.roads.snapshot import KINDS, Fact, Snapshot
from tests.roads.table import EACH, ROADS, Row

Snapshots = Mapping[str, Snapshot]  # by road
ABSENT = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that is not the same on all roads; `values` are in the order of ROADS."""

    kind: str
    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> str:
        """The road that alone is another than the two others, or `each`."""
        alone = [road for road, value in zip(ROADS, self.values, strict=True) if self.values.count(value) == 1]
        return alone[0] if len(alone) == 1 else EACH

    def __str__(self) -> str:
        told = ", ".join(f"{road} has {value!r}" for road, value in zip(ROADS, self.values, strict=True))
        return f"{self.kind} {self.name}: {told}"


def differences(snapshots: Snapshots) -> list[Difference]:
    """All of them, sorted. What is in a file is compared where the file is there on every road."""
    facts = sorted({fact for road in ROADS for fact in snapshots[road]})
    found = (Difference(*fact, tuple(snapshots[road].get(fact, ABSENT) for road in ROADS)) for fact in facts)
    return [one for one in found if len(set(one.values)) > 1 and not (one.kind == "content" and ABSENT in one.values)]


def problems(snapshots: Snapshots, rows: Sequence[Row]) -> list[str]:
    """A difference that no row names, a row of which this run knows nothing, a snapshot that lacks a kind of fact."""
    found = differences(snapshots)
    return [*_lacking(snapshots), *_unlisted(found, rows), *_idle(snapshots, found, rows)]


def _lacking(snapshots: Snapshots) -> Iterator[str]:
    for road in ROADS:
        told = {kind for kind, _ in snapshots[road]}
        yield from (f"{road} tells of no {kind}" for kind in KINDS if kind not in told)


def _unlisted(found: Sequence[Difference], rows: Sequence[Row]) -> Iterator[str]:
    for one in found:
        if not any(_covers(row, one) for row in rows):
            yield f"{one}; no row of the table says why"


def _covers(row: Row, one: Difference) -> bool:
    return _names(row, (one.kind, one.name)) and row.differs in (EACH, one.differs)


def _names(row: Row, fact: Fact) -> bool:
    return row.kind == fact[0] and fnmatch.fnmatchcase(fact[1], row.name)


def _idle(snapshots: Snapshots, found: Sequence[Difference], rows: Sequence[Row]) -> Iterator[str]:
    """What is each machine's own may be the same by chance, but it must be there; all else must really differ."""
    facts = {fact for road in ROADS for fact in snapshots[road]}
    for row in rows:
        used = any(_names(row, fact) for fact in facts) if row.differs == EACH else any(_covers(row, o) for o in found)
        if not used:
            yield f"the row {row.kind} {row.name}, {row.differs}: in this run nothing is so"
