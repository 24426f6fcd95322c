"""A tree -> what becomes of its kernel parameters: at a boot, and when somebody runs `sysctl --system` after it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from generator.sysctl_conf import files, kernel, names
from generator.sysctl_conf.rules import Outcome, outcomes, procps_rules, systemd_rules
from generator.sysctl_conf.tree import Tree


class Resolver:
    """The files of one root file system.

    `modules` are those that are loaded before the files are read; None is all that are needed.
    """

    def __init__(self, tree: Tree, modules: Collection[str] | None = None) -> None:
        self.masked = files.is_masked(tree)  # systemd-sysctl does not run at all
        self.boot, self.procps, self._modules = systemd_rules(tree), procps_rules(tree), modules
        self._held: Mapping[str, str] | None = None

    def at_boot(self, keys: Iterable[str]) -> dict[str, Outcome]:
        """What each key will be after every boot."""
        return outcomes(self.boot, keys, modules=self._modules)

    def by_procps(self, keys: Iterable[str], modules: Collection[str] | None = None) -> dict[str, Outcome]:
        """What each key will be once somebody has run `sysctl --system`, as installation guides advise.

        `modules` are those that are loaded by then, which may be more than at the boot.
        """
        if self._held is None:
            every = {*self.boot.named, *self.procps.named, *kernel.facts().defaults}
            after = self.at_boot(path for path in every if not names.is_glob(path))
            self._held = {path: found.value for path, found in after.items() if found.value is not None}
        return outcomes(self.procps, keys, held=self._held, modules=modules)


def told(found: Outcome, key: str) -> str:
    """An outcome in words: the value, and the line that it comes from."""
    if found.by is None:
        return _nothing(found)
    other = names.dotted(found.by.path)
    return f"{found.value} by {found.by.where}" + (f" ({other})" if names.proc_path(key) != found.by.path else "")


def _nothing(found: Outcome) -> str:
    if found.last is None:
        return "no file in sysctl.d sets it"
    if found.last.value is None:
        return f"nothing sets it: {found.last.where} takes it out again (-{names.dotted(found.last.path)})"
    return f"nothing sets it: the kernel refuses {found.last.value!r} of {found.last.where}"


def as_read(key: str, value: str) -> str:
    """A value as it reads back once it is set: 0x10 is 16."""
    path = kernel.same_parameter(names.proc_path(key))
    return kernel.taken(path, kernel.facts().defaults.get(path), value) or names.normal(value)


def wanted_there(key: str) -> str:
    """In words what the kernel takes for a parameter; "" where it is not known to be choosy."""
    path, facts = kernel.same_parameter(names.proc_path(key)), kernel.facts()
    if path in facts.words:
        return f"one of {', '.join(facts.words[path])}"
    low, high = kernel.bounds(path, whole=facts.defaults.get(path, "").removeprefix("-").isdecimal())
    return "" if low == -math.inf else f"a number from {low} to {high}"


def usual(key: str) -> str | None:
    """What a parameter is, or was for long, where nobody sets it; None where that is not known."""
    path, facts = kernel.same_parameter(names.proc_path(key)), kernel.facts()
    return facts.defaults.get(path, facts.once.get(path))
