"""Which bases there are, and how each is known: booted by this project, or by facts that others published."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator import distro
from generator.facts import bases

BOOTED = "booted by this project"
BY_FACTS = "by facts only"


@dataclass(frozen=True, slots=True)
class Listed:
    """One base. `facts` are those of an image that others made, with their sources."""

    id: str
    known: str
    title: str
    cloud_init: str
    login: str = ""
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


def listed() -> tuple[Listed, ...]:
    """Every base that a profile may name. What has a recipe in distros/ is built and booted by the tests, all of it."""
    ours = (Listed(one, BOOTED, distro.load(one).title, distro.cloud_init(one)) for one in distro.known())
    return *ours, *(_of_facts(bases.known()[one]) for one in distro.by_facts())


def _of_facts(base: bases.Base) -> Listed:
    facts = {key: dataclasses.asdict(fact) for key, fact in base.facts.items()}
    return Listed(base.id, BY_FACTS, base.title, distro.cloud_init(base.id), str(base.value("login")), facts)


def text(rows: tuple[Listed, ...]) -> Iterator[str]:
    """A line a base."""
    table = [(row.id, row.known, f"cloud-init {row.cloud_init}", row.title) for row in rows]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    for row in table:
        yield "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]))
