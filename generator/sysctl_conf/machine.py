"""The kernel's parameters while somebody writes to them: what is there, what it holds, and by whose line."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from generator.sysctl_conf import kernel
from generator.sysctl_conf.lines import Assignment


class Machine:
    """A kernel whose parameters `held` these values, with these modules (None: all that are needed).

    Network interfaces are lo, those that `held` speaks of, and those that are added.
    """

    def __init__(self, held: Mapping[str, str], modules: Collection[str] | None) -> None:
        self._modules = modules
        self._values = {kernel.same_parameter(path): value for path, value in held.items()}
        self._by: dict[str, Assignment] = {}
        self.interfaces = {"lo", *filter(None, map(kernel.interface, held))}

    def value(self, path: str) -> str | None:
        """What it reads, None where that is not known."""
        same = kernel.same_parameter(path)
        return self._values.get(same, kernel.facts().defaults.get(same) if self._exists(same) else None)

    def by(self, path: str) -> Assignment | None:
        """The line that its value comes from."""
        return self._by.get(kernel.same_parameter(path))

    def write(self, line: Assignment, path: str, *, redundant: bool) -> None:
        """Write the value of a line to a path. Where there is no such parameter, or it refuses the value, nothing.

        `redundant` is whether the writer also writes what is there already: systemd does not.
        """
        same = kernel.same_parameter(path)
        held = self.value(same)
        value = kernel.taken(same, held, line.value or "") if self._exists(path) else None
        if value is None:
            return
        self._keep(same, value, line)
        for effect in kernel.facts().effects:
            if effect.of == same and (value != held or (effect.always and redundant)):
                for target in self._targets(effect.also):
                    self._keep(target, effect.value(value), line)

    def add_interface(self, name: str, paths: Collection[str]) -> None:
        """An interface appears, whose `paths` begin as those of `default` are."""
        self.interfaces.add(name)
        for path in paths:
            pattern = path.replace(f"/{name}/", "/default/", 1)
            if (value := self.value(pattern)) is not None:
                self._values[path] = value
            if (line := self.by(pattern)) is not None:
                self._by[path] = line

    def _exists(self, path: str) -> bool:
        module, interface = kernel.module(path), kernel.interface(path)
        there = self._modules is None or module is None or module in self._modules
        return there and (interface is None or interface in self.interfaces)

    def _targets(self, pattern: str) -> list[str]:
        if "*" not in pattern:
            return [pattern]
        return [pattern.replace("*", name) for name in ("default", *sorted(self.interfaces))]

    def _keep(self, path: str, value: str, line: Assignment) -> None:
        self._values[path], self._by[path] = value, line
