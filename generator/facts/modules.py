"""modules.yaml: which module brings a kernel parameter, who loads modules unasked, and which modules are gone."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

from generator.facts import read


@dataclass(frozen=True, slots=True)
class Gone:
    """A module that kernels have no longer: `since` is the kernel's version, `instead` what took its place."""

    module: str
    instead: str
    since: str
    source: str


def plain(name: str) -> str:
    """A module's one name: to the kernel, - and _ are the same in it."""
    return name.replace("-", "_")


def bringing(key: str, value: object) -> str:
    """The module without which a kernel parameter, or this value of it, is not to be had; "" where it needs none."""
    for row in read("modules")["parameters"]:
        if fnmatch.fnmatchcase(key, row["key"]) and row.get("value", str(value)) == str(value):
            return str(row["module"])
    return ""


def loaders(name: str) -> frozenset[str]:
    """The settings whose service loads a module, whether or not something lists it."""
    return frozenset(str(row["setting"]) for row in read("modules")["loaded"] if row["module"] == plain(name))


def gone(name: str) -> Gone | None:
    """What became of a module that kernels have no longer."""
    return next((Gone(**row) for row in read("modules")["gone"] if row["module"] == plain(name)), None)
