"""sysctl.d as systemd reads it: which assignment is the last word on a key."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SOURCE = re.compile(r"# (/\S+\.conf)$")
# Two names of one value in the kernel (net/ipv4/devinet.c): the later writer wins.
_ALIASES = {"net/ipv4/ip_forward": "net/ipv4/conf/all/forwarding"}
# Writing `all` of these writes `default` and every interface, too (net/ipv4/devinet.c, net/ipv6/addrconf.c).
_SPREADING = ("net/ipv4/conf/all/forwarding", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/all/disable_ipv6")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of a sysctl.d file. `where` is file:line."""

    path: str
    value: str
    where: str


def proc_path(key: str) -> str:
    """net.ipv4.ip_forward -> net/ipv4/ip_forward, below /proc/sys.

    As sysctl.d(5): where the first separator is a dot, dots separate and a slash stands for a dot inside a name.
    """
    first = next((character for character in key if character in "./"), ".")
    return key if first == "/" else key.translate(str.maketrans("./", "/."))


def normal(value: str) -> str:
    """A value with its blanks as the kernel prints them: one between two words."""
    return " ".join(value.split())


def same_parameter(path: str) -> str:
    """The one path that stands for all the names of a parameter."""
    return _ALIASES.get(path, path)


def written_along(path: str) -> str:
    """The parameter that is written with another one (as `same_parameter` names both), or ""."""
    return path.replace("/conf/all/", "/conf/default/") if path in _SPREADING else ""


def effective(merged: str, key: str) -> Assignment | None:
    """The assignment that holds after a boot, or None. `merged` is what `systemd-analyze cat-config sysctl.d` prints.

    An explicit key beats every glob, wherever it stands; of several the last wins (sysctl.d(5)).
    """
    path = same_parameter(proc_path(key))
    explicit = globbed = None
    for found in assignments(merged):
        if same_parameter(found.path) == path:
            explicit = found
        elif any(character in found.path for character in "*?[") and fnmatch.fnmatchcase(path, found.path):
            globbed = found
    return explicit or globbed


def assignments(merged: str) -> Iterator[Assignment]:
    """Every assignment in the merged files, in the order in which they are read."""
    source, number = "", 0
    for line in merged.splitlines():
        number += 1
        if match := _SOURCE.match(line):
            source, number = match[1], 0
            continue
        text = line.strip()
        if text and text[0] not in "#;" and "=" in text:
            name, _, value = text.partition("=")
            path = proc_path(name.strip().removeprefix("-").strip())
            yield Assignment(path, normal(value), f"{source}:{number}")
