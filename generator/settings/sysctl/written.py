"""The kernel parameters that a profile writes: under sysctl, and in files of its own that are read as sysctl.d is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator import sysctl_conf
from generator.positions import Path
from generator.sentences import Words, between
from generator.settings import Context
from generator.settings.sysctl.conflicts import laid_files


@dataclass(frozen=True, slots=True)
class Written:
    """One parameter. `path` is where in the profile, `name` is below /proc/sys and may be a glob in a file.

    `where` is file:line, "" for one of the setting. `may_fail`: the author does not mind if it cannot be set.
    """

    path: Path
    name: str
    value: str
    where: str = ""
    may_fail: bool = False

    def said(self, words: Words) -> Words:
        """The words about it, which speak of the key at hand; of a line in a file with what it sets."""
        sentence, hint = words
        return (
            between.in_a_file(self.where, sysctl_conf.dotted(self.name), sentence) if self.where else sentence
        ), hint


def written(context: Context) -> Iterator[Written]:
    """Each parameter once, with the line that has the last word; what the setting says, no file is asked for."""
    values = context.profile.settings.get("sysctl", {})
    paths = {key: sysctl_conf.proc_path(key) for key in values}
    yield from (Written(("sysctl", key), path, str(values[key])) for key, path in paths.items())
    said = {sysctl_conf.same_parameter(path) for path in paths.values()}
    tree, lying = laid_files(context)
    resolver = sysctl_conf.Resolver(tree)
    for name, line in {**resolver.procps.named, **resolver.boot.named}.items():
        file = sysctl_conf.real(tree, line.file) or line.file
        if file in lying and line.value is not None and sysctl_conf.same_parameter(name) not in said:
            path = ("files", lying[file], "content")
            yield Written(path, name, line.value, f"{file}:{line.line}", line.may_fail)
