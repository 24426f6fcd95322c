"""What value each kernel parameter will have, and which line of which file has the last word, without any machine.

At a boot systemd-sysctl first merges all lines, then writes: a name that stands twice is written where its value last
changed, and what a name is not written for, a glob may be. `sysctl --system` writes line by line instead. Either way
the kernel has its own part in it (kernel.yaml), so the writes are played through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from generator.sysctl_conf import files, kernel, lines, names
from generator.sysctl_conf.lines import Assignment
from generator.sysctl_conf.machine import Machine
from generator.sysctl_conf.tree import Tree


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a parameter.

    `value` is as it reads back, None where nobody knows it; `by` is the line that it comes from, None for the kernel's
    own. `last` is the line that names it last, also where that sets nothing: it takes the name out, or is refused.
    """

    value: str | None
    by: Assignment | None
    last: Assignment | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Lines in the order in which they are written, and the last line of each name, which keeps it from globs.

    `redundant` is whether the writer also writes what is there already.
    """

    writes: tuple[Assignment, ...]
    named: Mapping[str, Assignment]
    redundant: bool


def systemd_rules(tree: Tree) -> Rules:
    """What systemd-sysctl does at a boot.

    The same value again leaves a line at its place in the order, though the later file then stands for it.
    """
    named: dict[str, Assignment] = {}
    for path, content in files.at_boot(tree):
        for found in lines.by_systemd(path, content):
            before = named.get(found.path)
            if before is not None and before.value != found.value:
                del named[found.path]
            named[found.path] = found
    return Rules(tuple(found for found in named.values() if found.value is not None), named, redundant=False)


def procps_rules(tree: Tree) -> Rules:
    """What `sysctl --system` does: a line that takes a name out of globs does not undo an assignment to it."""
    every = [found for path, content in files.by_procps(tree) for found in lines.by_procps(path, content)]
    writes = tuple(found for found in every if found.value is not None)
    return Rules(writes, {found.path: found for found in every}, redundant=True)


def outcomes(
    rules: Rules, keys: Iterable[str], *, held: Mapping[str, str] | None = None, modules: Collection[str] | None = None
) -> dict[str, Outcome]:
    """What becomes of each of `keys`, with what systemd's udev rule does for a network interface that appears later.

    `held` are values from before, by path below /proc/sys; `modules` are those loaded by then, None is all that are
    needed.
    """
    held, asked = held or {}, {key: names.proc_path(key) for key in keys}
    known = {*asked.values(), *kernel.facts().defaults, *kernel.facts().aliases, *held}
    known |= {found.path for found in rules.writes if not names.is_glob(found.path)}
    machine = Machine(held, modules)
    _play(rules, machine, known)
    for name in sorted(set(filter(None, map(kernel.interface, known))) - machine.interfaces):
        own = {path for path in known if kernel.interface(path) == name}
        machine.add_interface(name, own)
        _play(rules, machine, own)
    return {key: Outcome(machine.value(path), machine.by(path), _last(rules, path)) for key, path in asked.items()}


def _last(rules: Rules, path: str) -> Assignment | None:
    every = [rules.named[name] for name in rules.named if kernel.same_parameter(name) == kernel.same_parameter(path)]
    return every[-1] if every else None


def _play(rules: Rules, machine: Machine, paths: Collection[str]) -> None:
    """Write everything that goes to one of `paths`. Globs are expanded in the order of glob(3)."""
    for line in rules.writes:
        if names.is_glob(line.path):
            targets = sorted(path for path in paths if path not in rules.named and names.matches(line.path, path))
        else:
            targets = [line.path] if line.path in paths else []
        for path in targets:
            machine.write(line, path, redundant=rules.redundant)
