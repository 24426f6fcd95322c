"""Modules that the profile lists, and a file or a unit of its own that keeps a boot from loading them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.crosschecks.old_cgroups import BOOT as _BOOT
from generator.facts import modules
from generator.sentences import between
from generator.settings import Context, files

_CONFIG = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/modprobe\.d/[^/]+\.conf")
# modprobe.d(5). An install line that ends in modprobe loads it all the same.
_BAN = re.compile(r"^\s*(?P<verb>blacklist|install)\s+(?P<pattern>\S+)(?!.*\b(?:modprobe|insmod)\b)", re.ASCII)
# Of the kernel, and of kmod, which reads the kernel's command line.
_ARGUMENT = re.compile(r"(?<![\w.])(?:modprobe\.blacklist|module_blacklist)=([^\s\"']+)")
_SERVICE = "systemd-modules-load.service"


def find(context: Context) -> Iterator[Found]:
    """At the file, or the unit: both leave units green and the module out."""
    listed = context.profile.settings.get("modules", ())
    for index, file in enumerate(context.profile.settings.get("files", ())):
        bans = _banned if _CONFIG.fullmatch(file["path"]) else _argued if _BOOT.fullmatch(file["path"]) else None
        for number, name in bans(files.text(file), listed) if listed and bans else ():
            yield Found(("files", index, "content"), between.module_banned(name, f"{file['path']}:{number}"))
    if listed and context.profile.settings.get("services", {}).get(_SERVICE) == "masked":
        yield Found(("services", _SERVICE), between.modules_load_masked())


def _argued(text: str, listed: list[str]) -> Iterator[tuple[int, str]]:
    """The same, of kernel arguments in a file of a boot loader."""
    for number, line in enumerate(text.splitlines(), 1):
        for names in _ARGUMENT.findall(line) if not line.lstrip().startswith("#") else ():
            banned = set(map(modules.plain, names.split(",")))
            yield from ((number, name) for name in listed if modules.plain(name) in banned)


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
