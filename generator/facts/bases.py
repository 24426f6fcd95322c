"""What is known of cloud images that this project did not boot: bases.yaml, each value with where it was read."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.facts import read


@dataclass(frozen=True, slots=True)
class Fact:
    """One value; None is not known. `source` is where it was read, `note` what else is to be said."""

    value: Any = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """One row. `like` is the distribution whose facts hold where this has none; `facts` are by their key."""

    id: str
    title: str
    like: str
    facts: Mapping[str, Fact]

    def value(self, key: str) -> Any:  # noqa: ANN401 - each fact has its own type, which bases.schema.json holds
        """What is known of a topic; None where nothing is."""
        return self.facts.get(key, Fact()).value


@functools.cache
def known() -> Mapping[str, Base]:
    """Every row by its id."""
    return {name: _base(name, row) for name, row in read("bases").items()}


def _base(name: str, row: Mapping[str, Any]) -> Base:
    facts = {key: Fact(**told) for key, told in row.items() if key not in ("title", "like")}
    return Base(name, row["title"], row.get("like", ""), facts)
