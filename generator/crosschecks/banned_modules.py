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
# modprobe.d(5). An install line that ends in modprobe loads it all the same; a shell runs it, which knows comments.
_BAN = re.compile(
    r"^\s*(?P<verb>blacklist|install)\s+(?P<pattern>\S+)(?!(?:(?!\s\#).)*\b(?:modprobe|insmod)\b)", re.ASCII
)
# Of the kernel, and of kmod, which reads the kernel's command line.
_ARGUMENT = re.compile(r"(?<![\w.])(modprobe\.blacklist|module_blacklist)=([^\s\"']+)")
_OF_ITSELF = ("blacklist", "modprobe.blacklist")  # what bans no module that only another needs
_SERVICE = "systemd-modules-load.service"


def find(context: Context) -> Iterator[Found]:
    """At the file, or the unit: both leave units green and the module out."""
    listed = context.profile.settings.get("modules", ())
    for index, file in enumerate(context.profile.settings.get("files", ())):
        bans = _banned if _CONFIG.fullmatch(file["path"]) else _argued if _BOOT.fullmatch(file["path"]) else None
        for number, name, through in bans(files.text(file), listed) if listed and bans else ():
            words = between.module_banned(name, through, f"{file['path']}:{number}")
            yield Found(("files", index, "content"), words)
    if listed and context.profile.settings.get("services", {}).get(_SERVICE) == "masked":
        yield Found(("services", _SERVICE), between.modules_load_masked())


def _argued(text: str, listed: list[str]) -> Iterator[tuple[int, str, str]]:
    """The same, of kernel arguments in a file of a boot loader."""
    for number, line in enumerate(text.splitlines(), 1):
        for verb, names in _ARGUMENT.findall(line) if not line.lstrip().startswith("#") else ():
            for pattern in map(modules.plain, names.split(",")):
                yield from ((number, name, through) for name, through in _hit(verb, pattern, listed))


def _banned(text: str, listed: list[str]) -> Iterator[tuple[int, str, str]]:
    """The number of each line that bans a listed module, the module, and the one through which, or itself.

    A line goes on after a backslash.
    """
    number = 1
    for line in re.split(r"(?<!\\)\n", text):
        if ban := _BAN.match(line.replace("\\\n", " ")):
            hit = _hit(ban["verb"], modules.plain(ban["pattern"]), listed)
            yield from ((number, name, through) for name, through in hit)
        number += line.count("\n") + 1


def _hit(verb: str, pattern: str, listed: list[str]) -> Iterator[tuple[str, str]]:
    """Each listed module that such a line keeps out, and through which: itself first, then those that it needs."""
    for name in listed:
        own = modules.plain(name)
        others = () if verb in _OF_ITSELF else sorted(modules.needed(own))
        through = next((one for one in (own, *others) if fnmatch.fnmatchcase(one, pattern)), None)
        if through is not None:
            yield name, name if through == own else through
