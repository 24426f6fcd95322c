"""What came and went with a version of Kubernetes, by its name in facts/versions.yaml or by what people call it."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator import names, reasons
from generator.facts import versions
from generator.facts.versions import Feature

_SAID = {"beta off": "beta, off by default", "beta": "beta, on by default"}


@dataclass(frozen=True, slots=True)
class Known:
    """A feature, and the rows of settings that it concerns."""

    name: str
    feature: Feature
    rows: tuple[str, ...]


def everything() -> tuple[Known, ...]:
    """Every feature, in the order of the file."""
    return tuple(_known(name) for name in versions.features())


def find(text: str) -> Known | None:
    """The feature that a name means, in whatever case and with whatever between its words, or None."""
    name = _by_name().get(_plain(text))
    return _known(name) if name else None


def stages(feature: Feature) -> list[str]:
    """Since which version it is at which stage. What is stable at the oldest version may have begun before it."""
    first = versions.oldest()
    return [
        f"{since}{' or before' if since == first and stage == 'stable' else ''}: {_SAID.get(stage, stage)}"
        for since, stage in feature.stages
    ]


def _known(name: str) -> Known:
    rows = (names.full(*place) for place, row in reasons.rows().items() if name in row.features)
    return Known(name, versions.features()[name], tuple(rows))


@functools.cache
def _by_name() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, feature in versions.features().items():
        found |= {_plain(said): name for said in (name, *feature.names)}
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
