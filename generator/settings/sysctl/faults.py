"""What turns each expectation about a kernel parameter red: somebody else's file, and a file of ours that nobody reads.

Which expectations those are is played through (sysctl_conf): where the kernel's own value agrees with the wanted one, a
line that is gone is seen in the files alone. Where nobody knows the kernel's own value, there is no such fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from generator import probes, sysctl_conf
from generator.model import Edit, Fault
from generator.sysctl_conf import Link, Tree

LATER = "/etc/sysctl.d/zz-later.conf"
_UNIT = "/etc/systemd/system/systemd-sysctl.service"
_NUMBER = re.compile(r"(?<!\d)-?\d+$", re.ASCII)  # the last one of a list or a range
_WORDS = {"cubic": "reno", "fq": "pfifo_fast"}  # what every kernel has; any other word gives way to the first

Content = Callable[[Collection[str]], bytes]  # our file, with only these of its parameters


def of(
    wanted: Mapping[str, str], path: str, content: Content, tree: Tree, settings: Mapping[str, Any]
) -> Iterator[Fault]:
    """For the parameters that our file at `path` sets, beside what else the profile lays: `tree`."""
    yield from (
        replace(fault, red=_with_probes(fault.red, settings)) for fault in _without_probes(wanted, path, content, tree)
    )


def _with_probes(red: frozenset[str], settings: Mapping[str, Any]) -> frozenset[str]:
    """And the behaviour that is not there without the value, unless it is blocked by another one."""
    keys = [name.removeprefix("sysctl.").removesuffix(".value") for name in sorted(red) if name.endswith(".value")]
    shown = (expect for key in keys for expect in probes.expects("sysctl", key, settings))
    return red | {expect.id for expect in shown if red.isdisjoint(expect.needs)}


def _without_probes(wanted: Mapping[str, str], path: str, content: Content, tree: Tree) -> Iterator[Fault]:
    for key, want in wanted.items():
        other = another(key, want)
        later = f"{key} = {other}\n".encode()
        tampered = {**tree, path: content(wanted), LATER: later}
        own = {f"sysctl.{key}.value", f"sysctl.{key}.persisted"}
        red = own | (_red(wanted, tampered) or set())
        yield _fault(f"{key}.overridden", f"{LATER} sets {key} to {other}", red, Edit(LATER, later))
        without = content([one for one in wanted if one != key])
        unset = _red(wanted, {**tree, path: without})
        yield from _known(f"{key}.unset", f"{path} does not set {key} any more", unset, Edit(path, without))
    yield from _of_all(wanted, path, content(wanted), tree)


def _of_all(wanted: Mapping[str, str], path: str, whole: bytes, tree: Tree) -> Iterator[Fault]:
    """All of them in a file that nobody reads, and nobody who reads any."""
    aside = f"{path}.disabled"
    moved = Edit(path, None), Edit(aside, whole)
    story = f"{path} was renamed to {aside}, which nobody reads"
    yield from _known("file.renamed", story, _red(wanted, {**tree, aside: whole}), *moved)
    masked = _red(wanted, {**tree, path: whole, _UNIT: Link("/dev/null")})
    link = Edit(_UNIT, None, link="/dev/null")
    yield from _known("service.masked", "systemd-sysctl.service is masked", masked, link)


def _known(name: str, story: str, red: set[str] | None, *edits: Edit) -> Iterator[Fault]:
    if red:
        yield _fault(name, story, red, *edits)


def _fault(name: str, story: str, red: Collection[str], *edits: Edit) -> Fault:
    return Fault(f"sysctl.{name}", "sysctl", story, edits, frozenset(red))


def _red(wanted: Mapping[str, str], tree: Tree) -> set[str] | None:
    """What does not hold with such files; None where nobody knows what a parameter would be."""
    red: set[str] = set()
    for key, found in sysctl_conf.Resolver(tree).at_boot(wanted).items():
        if found.value is None:
            return None
        otherwise = found.value != sysctl_conf.as_read(key, wanted[key])
        red |= {f"sysctl.{key}.value"} if otherwise else set()
        red |= {f"sysctl.{key}.persisted"} if otherwise or found.by is None else set()
    return red


def another(key: str, want: str) -> str:
    """What it was before anybody set it; else a value near the wanted one, which no bounds of the kernel forbid."""
    usual = sysctl_conf.usual(key)
    if usual not in (None, sysctl_conf.as_read(key, want)):
        return str(usual)
    number = _NUMBER.search(want)
    if number is None:
        return _WORDS.get(want, next(iter(_WORDS)))
    last = int(number[0])
    return want[: number.start()] + str(last - 1 if last > 0 else last + 1)
