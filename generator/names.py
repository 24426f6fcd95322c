"""One spelling for each setting: the names under which people know a value, and the one that it is looked up by."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from generator import sysctl_conf
from generator.facts import modules


def _parameter(key: str) -> str:
    """Dots or slashes, with or without /proc/sys before it, by whichever of its names in the kernel."""
    key = key.removeprefix("/proc/sys/")
    return sysctl_conf.same_parameter(sysctl_conf.proc_path(key))


SPELLINGS: Mapping[str, Callable[[str], str]] = {"modules": modules.plain, "sysctl": _parameter}


@functools.lru_cache(maxsize=4096)
def canonical(stem: str, key: str) -> str:
    """The one spelling of a key of a setting. Keys that differ in spelling alone have the same."""
    return SPELLINGS.get(stem, str)(key)


def full(stem: str, key: str) -> str:
    """swap, "" -> swap; swap, limited -> swap.limited."""
    return f"{stem}.{key}" if key else stem
