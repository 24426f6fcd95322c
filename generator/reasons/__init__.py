"""Why a value stands on a node, who needs it, and what breaks without it: one row of data for each, in <stem>.yaml.

`why` goes into the generated files and `breaks` into the reports. A row has at least these two; what else it may have
is what `Reason` has. The key "" is the setting as such, and a * in a key stands for one part of it.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator import data, names
from generator.facts import modules, versions

_HERE = Path(__file__).parent
Place = tuple[str, str]  # stem, key
KEY = "{key}"
VERDICTS = ("true", "partly", "out of date", "not so")


@dataclass(frozen=True, slots=True)
class Need:
    """Somebody who needs the value, and what of it. `source` says where that was read or measured."""

    name: str
    needs: str
    source: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to know about a value: since when it holds, or what undoes it."""

    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the brief and what is true of it.

    `verdict` is one of VERDICTS, `since` the version from which on it is out of date, `check` the end of the name of
    the check that proves it ("" where all checks of the row do).
    """

    section: str
    says: str
    verdict: str
    truth: str
    source: str
    since: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One row.

    `since` is what the row says, and before that its `features`, rows of facts/versions.yaml. `sample` is a value to
    show the checks with: the key's own, or in a list or mapping the whole setting's. `refused` says why no profile may
    have it. `probes` say what a user of the cluster meets where a probe fails, by the probe's name (probes.yaml).
    """

    why: str
    breaks: str
    what: str = ""
    sample: Any = None
    refused: str = ""
    who: tuple[Need, ...] = ()
    since: tuple[Fact, ...] = ()
    beware: tuple[Fact, ...] = ()
    brief: tuple[Claim, ...] = ()
    features: tuple[str, ...] = ()
    probes: Mapping[str, str] = field(default_factory=dict)


_ASKED_FOR = Reason("the profile asks for it", "the node is not what the profile says")


def reason(stem: str, key: str) -> Reason:
    """The row of one value.

    A value that nobody wrote a row for has its setting's, if that speaks of every {key}; else it is there because the
    profile says so.
    """
    if place := find(stem, key):
        return rows()[place]
    whole = rows().get((stem, ""), _ASKED_FOR)
    return dataclasses.replace(whole, breaks=whole.breaks.replace(KEY, key)) if KEY in whole.breaks else _ASKED_FOR


def module_of(place: Place) -> str:
    """The module that brings a kernel parameter, or the value of it that the row has for a sample; "" for none."""
    stem, key = place
    sample = rows()[place].sample
    values = sample if isinstance(sample, dict) else {key: sample}
    return next(filter(None, (modules.bringing(*one) for one in values.items())), "") if stem == "sysctl" else ""


def find(stem: str, key: str) -> Place | None:
    """Where the row of a value stands, whatever its spelling, or None."""
    wanted = names.canonical(stem, key)
    if found := _index().get((stem, wanted)):
        return found
    globs = [place for place in rows() if place[0] == stem and "*" in place[1]]
    fitting = [place for place in globs if fnmatch.fnmatchcase(wanted, names.canonical(*place))]
    return max(fitting, key=lambda place: len(place[1]), default=None)


@functools.cache
def rows() -> Mapping[Place, Reason]:
    """Every row by its stem and key, in the order of the files."""
    found: dict[Place, Reason] = {}
    for path in sorted(_HERE.glob("*.yaml")):
        raw = data.rows(path)
        found |= {(path.stem, key): _reason(row) for key, row in raw.items()}
    return found


@functools.cache
def _index() -> Mapping[Place, Place]:
    return {(stem, names.canonical(stem, key)): (stem, key) for stem, key in rows()}


def _reason(row: dict[str, Any]) -> Reason:
    row["features"] = tuple(row.get("features", ()))
    known = tuple(_feature(name) for name in row["features"])
    kinds: dict[str, type] = {"who": Need, "since": Fact, "beware": Fact, "brief": Claim}
    lists = {name: tuple(kind(**item) for item in row.get(name, ())) for name, kind in kinds.items()}
    return Reason(**{**row, **lists, "since": (*known, *lists["since"])})


def _feature(name: str) -> Fact:
    """What facts/versions.yaml knows of something that came or went with a version of Kubernetes."""
    feature = versions.features()[name]
    stages = ", ".join(f"{stage} in {version}" for version, stage in feature.stages)
    return Fact(f"{name} ({feature.what}): {stages}", feature.source)
