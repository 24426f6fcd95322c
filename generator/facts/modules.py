"""modules.yaml: which module brings a parameter, who loads modules unasked, who fails without, and which are gone."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generator.facts import read


@dataclass(frozen=True, slots=True)
class Gone:
    """A module that kernels have no longer, since a kernel's version ("": never had), and what took its place."""

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


def needing(name: str, among: Iterable[str]) -> tuple[str, ...]:
    """Those of some modules that are not to be had without one of them; itself is the first of them."""
    return name, *(other for other in among if other != name and plain(name) in needed(plain(other)))


@functools.cache
def needed(name: str) -> frozenset[str]:
    """All modules that one needs (depends.yaml), the far ones too."""
    near = frozenset(read("depends").get(name, ()))
    return near.union(*map(needed, near))


def with_needed(names: Iterable[str]) -> frozenset[str]:
    """What is loaded where these are: modprobe loads first what each of them needs."""
    own = frozenset(map(plain, names))
    return own.union(*map(needed, own))


def comes_along(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether a setting loads it, listed or not."""
    return any(_applies(row, name, settings) for row in read("modules")["loaded"])


def demanded(name: str, settings: Mapping[str, Any]) -> frozenset[str]:
    """The expectations of other settings that fail where a module is not to be had."""
    rows = (row["red"] for row in read("modules")["demanded"] if _applies(row, name, settings))
    return frozenset(red for reds in rows for red in reds)


def _applies(row: Mapping[str, Any], name: str, settings: Mapping[str, Any]) -> bool:
    """Whether a row speaks of this module, and a profile has its setting, with one of the values of its `when`."""
    if row["module"] != plain(name) or row["setting"] not in settings:
        return False
    value = settings[row["setting"]]
    fields = value if isinstance(value, Mapping) else {}
    return all(fields.get(field) in wanted for field, wanted in row.get("when", {}).items())


def gone(name: str) -> Gone | None:
    """What became of a module that kernels have no longer."""
    return next((Gone(**row) for row in read("modules")["gone"] if row["module"] == plain(name)), None)
