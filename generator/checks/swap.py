"""Swap as a node tells of it: areas that are on, lines of /etc/fstab that name some, and who will ask for it later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from generator import render
from generator.checks.kind import Check, Judgement, Told, failed, text
from generator.model import Expect, Observation

_OCTAL = re.compile(r"\\([0-7]{3})")
_LOOKED = "that is all"
_NOT_NULL = (
    'for p in "$@"; do [ -L "$p" ] && [ "$p" -ef /dev/null ] || echo "$p is not a link to /dev/null"; done; '
    f'echo "{_LOOKED}"'
)
_SHELL = ("sh", "-c")


@dataclass(frozen=True, slots=True)
class Area:
    """A row of /proc/swaps: `kind` is file or partition, `kib` its size without its first page."""

    name: str
    kind: str
    kib: int

    def __str__(self) -> str:
        return f"{self.name} ({self.kib} KiB)"


def areas(proc_swaps: str) -> tuple[Area, ...]:
    """What is on, by /proc/swaps."""
    rows = (line.split() for line in proc_swaps.splitlines()[1:])
    return tuple(Area(_plain(row[0]), row[1], int(row[2])) for row in rows if len(row) > 2 and row[2].isdigit())


def fstab(text: str) -> tuple[str, ...]:
    """The first fields of the lines in fstab(5) whose third field is swap, as libmount reads it: octal escapes, too."""
    lines = (line.strip(" \t") for line in text.split("\n"))
    rows = (re.split(r"[ \t]+", line) for line in lines if not line.startswith("#"))
    return tuple(_plain(row[0]) for row in rows if len(row) > 2 and _plain(row[2].removesuffix("\r")) == "swap")


def _plain(field: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def _no_swap(_expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    names = [area.name for area in areas(text(observation))]
    return not names, f"swap is on: {', '.join(names)}" if names else "no swap is on"


def _only_swap(expect: Expect, observation: Observation) -> Judgement:
    """Exactly one area, with its name and size in KiB."""
    if observation.code != 0:
        return failed(observation)
    found = areas(text(observation))
    wanted = [(area.name, str(area.kib)) == expect.args for area in found]
    return wanted == [True], f"swap is on: {', '.join(map(str, found))}" if found else "no swap is on"


def _asked(_expect: Expect, told: Told) -> Iterator[str]:
    """By which file each unit of swap that is active came: what `systemctl show` prints of them, in blocks."""
    for block in told.more.get("swaps", "").split("\n\n"):
        unit = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if unit.get("ActiveState") == "active":
            by = unit.get("SourcePath") or unit.get("FragmentPath")
            how = f"by {by}" if by else "by no file: swapon was called, by a program or by hand"
            yield f"{unit.get('Id', 'a unit')} turned on {unit.get('What', 'an area')}, {how}"


def _no_fstab_swap(_expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    named = fstab(text(observation))
    return not named, f"/etc/fstab names swap on {', '.join(named)}" if named else "no swap line in /etc/fstab"


def _nothing(expect: Expect, observation: Observation) -> Judgement:
    """Each line is one too many, but for the last, which says that the command came to its end."""
    lines = text(observation).splitlines()
    if lines[-1:] != [_LOOKED]:
        return failed(observation)
    return len(lines) == 1, "; ".join(lines[:-1]) or expect.want


def _request(function: str) -> Callable[..., tuple[str, ...]]:
    """By the functions that the steps use to see who will ask for swap."""
    script = f'{render.raw("swap/functions/requests.sh")}{function} "$@"\necho "{_LOOKED}"'
    return lambda *arguments: (*_SHELL, script, "sh", *arguments)


KINDS: Mapping[str, Check] = {
    "no-swap": Check(lambda: ("cat", "/proc/swaps"), _no_swap, why=_asked),
    "only-swap": Check(lambda _area, _kib: ("cat", "/proc/swaps"), _only_swap, why=_asked),
    "no-fstab-swap": Check(lambda: (*_SHELL, "[ ! -e /etc/fstab ] || cat /etc/fstab"), _no_fstab_swap),
    "links-to-null": Check(lambda *paths: (*_SHELL, _NOT_NULL, "sh", *paths), _nothing, watches=lambda *paths: paths),
    "no-kernel-arguments": Check(_request("kernel_arguments"), _nothing),
    "option-off": Check(_request("option_not_off"), _nothing),
    "resume-none": Check(_request("resume_not_none"), _nothing),
}
