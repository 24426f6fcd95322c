"""versions.yaml: the versions that the rows know of, and what changed for a node at which of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.facts import read

ABSENT = "absent"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A minor version of Kubernetes: all that changes for a node changes with one."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class Feature:
    """`stages` says from which version on it is at which stage, oldest first.

    `names` are what people call it besides.
    """

    stages: tuple[tuple[Version, str], ...]
    what: str
    source: str
    names: tuple[str, ...] = ()


def parse(text: str) -> Version:
    """From the text 1.34 or 1.34.2. Never from a number: 1.30 would be 1.3."""
    major, minor = text.split(".")[:2]
    return Version(int(major), int(minor))


def of_node(settings: Mapping[str, Any]) -> Version | None:
    """Of the Kubernetes on a node: what the preset says, else what is installed; None where a profile says neither.

    Where both say one, kubelet_packages.py holds them to the same.
    """
    said = (settings.get(stem, {}).get("version") for stem in ("kubernetes", "kubelet"))
    return next((parse(text) for text in said if text), None)


@functools.cache
def oldest() -> Version:
    """The oldest version that the rows know of."""
    return parse(read("versions")["oldest"])


@functools.cache
def newest() -> Version:
    """The newest version that the rows know of."""
    return parse(read("versions")["newest"])


def known(since: str = "") -> tuple[Version, ...]:
    """Every version from `since`, or from the oldest, to the newest."""
    first = parse(since) if since else oldest()
    return tuple(Version(first.major, minor) for minor in range(first.minor, newest().minor + 1))


@functools.cache
def features() -> Mapping[str, Feature]:
    """Every feature by its name."""
    return {
        name: Feature(
            stages=tuple(sorted((parse(version), stage) for version, stage in row["stages"].items())),
            what=row["what"],
            source=row["source"],
            names=tuple(row.get("names", ())),
        )
        for name, row in read("versions")["features"].items()
    }


def stage(feature: str, version: Version) -> str:
    """At which stage a feature is in a version. Raises KeyError for a feature that has no row."""
    reached = [stage for since, stage in features()[feature].stages if since <= version]
    return reached[-1] if reached else ABSENT
