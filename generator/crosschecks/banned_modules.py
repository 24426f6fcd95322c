"""Modules that the profile lists, and a file or a unit of its own that keeps a boot from loading them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import modules
from generator.sentences import between
from generator.settings import Context, files

_CONFIG = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/modprobe\.d/[^/]+\.conf")
# modprobe.d(5). An install line that ends in modprobe loads it all the same.
_BAN = re.compile(r"^\s*(?P<verb>blacklist|install)\s+(?P<pattern>\S+)(?!.*\b(?:modprobe|insmod)\b)", re.ASCII)
_SERVICE = "systemd-modules-load.service"


def find(context: Context) -> Iterator[Found]:
    """At the file, or the unit: both leave units green and the module out."""
    listed = context.profile.settings.get("modules", ())
    for index, file in enumerate(context.profile.settings.get("files", ())):
        if listed and _CONFIG.fullmatch(file["path"]):
            for number, name in _banned(files.text(file), listed):
                words = between.module_banned(name, f"{file['path']}:{number}")
                yield Found(("files", index, "content"), words)
    if listed and context.profile.settings.get("services", {}).get(_SERVICE) == "masked":
        yield Found(("services", _SERVICE), between.modules_load_masked())


def _banned(text: str, listed: list[str]) -> Iterator[tuple[int, str]]:
    """The number of each line that bans a listed module, and the module. A line goes on after a backslash."""
    number = 1
    for line in re.split(r"(?<!\\)\n", text):
        if ban := _BAN.match(line.replace("\\\n", " ")):
            pattern = modules.plain(ban["pattern"])
            for name in listed:
                if fnmatch.fnmatchcase(modules.plain(name), pattern):
                    yield number, name
        number += line.count("\n") + 1
