"""cases.yaml as it is read: what is tried, on what, and what must come of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import data

PLACE = Path(__file__).with_name("cases.yaml")


@dataclass(frozen=True, slots=True)
class Subject:
    """A command that publishes something. `begins` is in the line of strace from which on it is tried.

    `had`: something was published before. `tests`: it publishes what was baked and tested before, and that is kept.
    `cached` are entries of the cache that are no leftovers.
    """

    name: str
    argv: tuple[str, ...]
    target: str
    begins: str
    had: bool = True
    builds: bool = False
    tests: bool = False
    cached: tuple[str, ...] = ()

    def of(self, base: str) -> Subject:
        """With a base of that sha256, after which a pipeline names its images."""
        cached = (f"pinned-{base[:32]}",) if self.builds else ()
        return dataclasses.replace(self, target=self.target.format(base=base[:8]), cached=cached)


@dataclass(frozen=True, slots=True)
class Case:
    """One row. `kind` is the module that tries it, `how` its own words for that; `long` where real guests boot.

    `codes`, `states` and `says` (a pattern) must hold of each try; `left` is whether something may lie there until the
    next run, which must then end as if nothing had been. Of what can be tried in many ways (at each write, say), `most`
    are.
    """

    what: str
    kind: str
    how: Mapping[str, Any]
    expected: str
    codes: frozenset[int]
    states: frozenset[str]
    says: str = ""
    left: bool = False
    long: bool = False
    most: int = 4


def _subjects(rows: Mapping[str, Any]) -> dict[str, Subject]:
    made = {name: Subject(name, tuple(row.pop("argv")), **row) for name, row in rows.items()}
    return made


def _cases(rows: Sequence[Mapping[str, Any]]) -> tuple[Case, ...]:
    return tuple(
        Case(
            row["what"],
            row["kind"],
            row.get("how", {}),
            row["expected"],
            frozenset(row["codes"]),
            frozenset(row["states"]),
            row.get("says", ""),
            row.get("left", False),
            row.get("long", False),
            row.get("most", 8),
        )
        for row in rows
    )


_READ = data.rows(PLACE)
SUBJECTS: Mapping[str, Subject] = _subjects(_READ["subjects"])
CASES: tuple[Case, ...] = _cases(_READ["cases"])
UNTRIED: Sequence[Mapping[str, str]] = _READ["untried"]
