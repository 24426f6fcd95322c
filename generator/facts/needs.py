"""needs.yaml: what a node needs, and for which combination."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.facts import read
from generator.facts.choice import Choice, When, when


@dataclass(frozen=True, slots=True)
class Need:
    """One row: kernel parameters, modules or programs, why, and where that was read.

    `at_least`: a larger value serves as well. `unless`: a value of an interface's parameter that is left as it is.
    """

    when: When
    why: str
    source: str
    sysctl: Mapping[str, int] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    at_least: bool = False
    unless: int | None = None


def of(choice: Choice) -> tuple[Need, ...]:
    """All that a combination needs. Two rows may name one thing, and then agree on its value."""
    return tuple(need for need in rows() if need.when.holds(choice))


@functools.cache
def rows() -> tuple[Need, ...]:
    """Every row."""
    return tuple(
        Need(
            when=when(row),
            why=row["why"],
            source=row["source"],
            sysctl=row.get("sysctl", {}),
            modules=tuple(row.get("modules", ())),
            programs=tuple(row.get("programs", ())),
            at_least=row.get("at_least", False),
            unless=row.get("unless"),
        )
        for row in read("needs")
    )
