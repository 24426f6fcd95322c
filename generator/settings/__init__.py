"""One stem for each kind of setting. A stem is a plain module that satisfies `Setting`; dropping one in is enough."""

from __future__ import annotations

import functools
import graphlib
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from generator.model import Distro, Part, Profile


@dataclass(frozen=True, slots=True)
class Context:
    """What a setting may know beside its own value."""

    profile: Profile
    distro: Distro


EVERY_IMAGE = "base"  # who brings what every image is asked for: the path of the value that names what it is baked from


class Setting(Protocol):
    """What every stem offers.

    `AFTER` names the stems whose steps come first. `part` is pure. It raises Refused for what no schema can say.
    A stem may also offer `implies(value, context) -> Iterable[Implied]`, pure: what it brings to other stems. A value
    that the user wrote beats it (expand.py). `DEAR`: its steps fetch and install, so what they and all settings before
    them leave on the disk is kept, and an image begins with it (layers.py). `fetched(value, context) -> Part`, pure: of
    a setting that is not dear as a whole, the files and steps that fetch and install; they are kept likewise.
    `same(key) -> str`, where a key has several names: the one that they stand for. `ALWAYS`: its value where the
    profile has another setting but not this one.
    """

    AFTER: tuple[str, ...]

    def part(self, value: Any, context: Context) -> Part:  # noqa: ANN401 - each stem's schema types its own value
        """All that this setting yields from one value that passed schemas/settings/<stem>.json."""
        ...


@functools.cache
def stems() -> Mapping[str, Setting]:
    """Every setting by its stem, in the order in which they are applied."""
    found = {
        module.name: cast(Setting, importlib.import_module(f"{__name__}.{module.name}"))
        for module in pkgutil.iter_modules(__path__)
    }
    graph = graphlib.TopologicalSorter({stem: set(found[stem].AFTER) for stem in sorted(found)})
    return {stem: found[stem] for stem in graph.static_order()}
