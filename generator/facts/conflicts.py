"""conflicts.yaml: combinations that do not work, or only with care."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from generator.facts import read
from generator.facts.choice import Choice, When, when


@dataclass(frozen=True, slots=True)
class Conflict:
    """One row. `at` is the key of `kubernetes` that is at fault; `warning` is one that may be lived with."""

    when: When
    at: str
    reason: str
    remedy: str
    source: str
    warning: bool


def of(choice: Choice) -> tuple[Conflict, ...]:
    """Every row that holds for a combination."""
    return tuple(conflict for conflict in rows() if conflict.when.holds(choice))


@functools.cache
def rows() -> tuple[Conflict, ...]:
    """Every row."""
    return tuple(
        Conflict(
            when=when(row),
            at=row["at"],
            reason=row["warned"] if "warned" in row else row["refused"],
            remedy=row["remedy"],
            source=row["source"],
            warning="warned" in row,
        )
        for row in read("conflicts")
    )
