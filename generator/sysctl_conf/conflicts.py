"""Lines that do not let a parameter be what it shall be: they beat the wanted one, or say something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from generator.sysctl_conf import files, kernel, lines
from generator.sysctl_conf.lines import Assignment
from generator.sysctl_conf.names import proc_path
from generator.sysctl_conf.resolver import Resolver, as_read
from generator.sysctl_conf.rules import Outcome
from generator.sysctl_conf.tree import Tree, real

When = Literal["boot", "procps", "never"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """`line` makes `key` be `value`, None where it has the kernel's own stay. `file` is where the line really lies.

    `when` is at every boot, or when somebody runs `sysctl --system`, or never, since a later line says otherwise.
    """

    key: str
    value: str | None
    line: Assignment
    file: str
    when: When


def conflicts(tree: Tree, wanted: Mapping[str, str]) -> list[Conflict]:
    """Each line once for each key, for the first of `When` that it matters."""
    found: dict[tuple[str, str, int], Conflict] = {}
    for conflict in (*_undone(tree, wanted), *_said_otherwise(tree, wanted)):
        found.setdefault((conflict.key, conflict.file, conflict.line.line), conflict)
    return list(found.values())


def _undone(tree: Tree, wanted: Mapping[str, str]) -> Iterator[Conflict]:
    resolver = Resolver(tree)
    readers: tuple[tuple[When, Mapping[str, Outcome]], ...] = (
        ("boot", resolver.at_boot(wanted)),
        ("procps", resolver.by_procps(wanted)),
    )
    for when, outcomes in readers:
        for key, outcome in outcomes.items():
            line = outcome.by or outcome.last
            value = outcome.value if outcome.by else None
            if line is not None and value != as_read(key, wanted[key]):
                yield Conflict(key, value, line, real(tree, line.file) or line.file, when)


def _said_otherwise(tree: Tree, wanted: Mapping[str, str]) -> Iterator[Conflict]:
    keys = {kernel.same_parameter(proc_path(key)): key for key in wanted}
    for path, content in files.by_procps(tree):
        for line in lines.by_systemd(path, content):
            key = keys.get(kernel.same_parameter(line.path))
            if key is not None and line.value is not None:
                value = as_read(key, line.value)
                if value != as_read(key, wanted[key]):
                    yield Conflict(key, value, line, real(tree, line.file) or line.file, "never")
