"""The command line by which systemd starts kubelet, out of its unit, drop-ins and files of variables. What it says by a
flag beats every file of its configuration.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

FOLDER = "/etc/kubernetes/kubelet.conf.d"
FLAGS: Mapping[str, str] = {"cgroupDriver": "cgroup-driver", "failSwapOn": "fail-swap-on"}
_CONFIG = "KUBELET_CONFIG_ARGS"  # of kubeadm's drop-in, where --config and --config-dir stand
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)
_BOOLS = {**dict.fromkeys(("1", "t", "true"), "true"), **dict.fromkeys(("0", "f", "false"), "false")}

Told = tuple[str, str]  # what is said, and the file that says it


@dataclass(slots=True)
class Command:
    """Of units in systemd's order: each assignment may undo what came before."""

    start: Told = ("", "")
    variables: dict[str, Told] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def read(self, path: str, text: str) -> None:
        """One more unit file: systemd.exec(5), systemd.service(5)."""
        for key, value in _service(text):
            if key == "ExecStart":
                self.start = (value, path)
            elif key == "EnvironmentFile":
                self.files = [*self.files, value.removeprefix("-")] if value else []
            elif key == "Environment" and value:
                self.variables |= {name: (said, path) for name, said in _variables(value)}
            elif key == "Environment":
                self.variables = dict.fromkeys(self.variables, ("", path))

    def read_variables(self, path: str, text: str) -> None:
        """One more file of variables, which beat those of units."""
        for line in _lines(text):
            name, _, said = line.partition("=")
            self.variables[name.strip()] = (" ".join(_split(said)), path)

    def words(self) -> list[Told]:
        """Of the command line, each with its file."""
        found = []
        for word in _split(self.start[0]):
            variable = _VARIABLE.fullmatch(word)
            said, by = self.variables.get(variable[1] or variable[2], ("", "")) if variable else (word, self.start[1])
            found += [(one, by) for one in said.split()]  # of a shell's script, too
        return found

    def flag(self, name: str) -> Told | None:
        """The last word on a flag. Kubernetes takes _ for - in its name."""
        words, found = self.words(), None
        for at, (word, by) in enumerate(words):
            said, given, value = word.partition("=")
            if said.replace("_", "-") == f"--{name}":
                alone = "true" if name == FLAGS["failSwapOn"] else "".join(one for one, _ in words[at + 1 : at + 2])
                found = (_BOOLS.get(value.lower(), value) if given else alone, by)
        return found

    def beside_the_folder(self) -> str:
        """The file by which kubelet is told of another folder than FOLDER, or of none; "" where all is well."""
        told = self.flag("config-dir")
        if not self.start[0] or (told and told[0].rstrip("/") == FOLDER):
            return ""
        uses = any(_CONFIG in (match[1], match[2]) for match in _VARIABLE.finditer(self.start[0]))
        return told[1] if told else self.variables.get(_CONFIG, self.start)[1] if uses else self.start[1]


def command(units: Iterable[tuple[str, str]], variables: Mapping[str, str]) -> Command:
    """Of (path, text) in systemd's order, and of the files of variables that they name, where those are there."""
    made = Command()
    for path, text in units:
        made.read(path, text)
    for path in made.files:
        made.read_variables(path, variables.get(path, ""))
    return made


def _service(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in _lines(text):
        if line.startswith("["):
            section = line
        elif section == "[Service]":
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def _lines(text: str) -> Iterator[str]:
    """Without comments; one that ends in a backslash goes on."""
    for line in re.sub(r"\\\n", " ", text).split("\n"):
        if line.strip() and line.lstrip()[0] not in "#;":
            yield line.strip()


def _variables(value: str) -> Iterator[tuple[str, str]]:
    for word in _split(value):
        name, _, said = word.partition("=")
        yield name, said


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote without its end
        return text.split()
