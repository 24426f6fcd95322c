"""kernel.yaml: what the kernel makes of a value that is written below /proc/sys."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import data

_FILE = Path(__file__).with_name("kernel.yaml")
_NUMBER = re.compile(r"(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_WORD = re.compile(r"[^ \t\n]+")  # proc_wspace_sep
_INT = (-(1 << 31), (1 << 31) - 1)
_INTERFACE = re.compile(r"net/ipv[46]/(?:conf|neigh)/([^/]+)/")


@dataclass(frozen=True, slots=True)
class Effect:
    """Writing `of` also writes `also`; `to` is same, opposite or zero."""

    of: str
    also: str
    to: str
    always: bool = False

    def value(self, written: str) -> str:
        return {"same": written, "zero": "0", "opposite": "1" if written == "0" else "0"}[self.to]


@dataclass(frozen=True, slots=True)
class Facts:
    """The whole file."""

    aliases: Mapping[str, str]
    modules: Mapping[str, str]
    defaults: Mapping[str, str]
    once: Mapping[str, str]
    flags: Sequence[str]
    words: Mapping[str, Sequence[str]]
    whole: Sequence[str]
    long: Sequence[str]
    limits: Mapping[str, tuple[int, int]]
    effects: tuple[Effect, ...]


@functools.cache
def facts() -> Facts:
    raw = data.rows(_FILE)
    return Facts(**{**raw, "effects": tuple(Effect(**row) for row in raw["effects"])})


@functools.lru_cache(maxsize=4096)
def same_parameter(path: str) -> str:
    """The one path that stands for all the names of a parameter."""
    return facts().aliases.get(path, path)


def other_names(path: str) -> tuple[str, ...]:
    """The other names of a parameter."""
    one = same_parameter(path)
    return tuple(name for name in (one, *facts().aliases) if same_parameter(name) == one and name != path)


def writes_others(path: str) -> bool:
    """Whether a write to it also writes other parameters."""
    return any(effect.of == same_parameter(path) for effect in facts().effects)


def interface(path: str) -> str | None:
    """The network interface whose parameter it is."""
    found = _INTERFACE.match(path)
    return found[1] if found and found[1] not in ("all", "default") else None


def module(path: str) -> str | None:
    """The module without which there is no such parameter."""
    return next((name for start, name in facts().modules.items() if path.startswith(start)), None)


def taken(path: str, held: str | None, text: str) -> str | None:
    """What reads back after `text` was written over `held`; None where the kernel refuses it.

    Of numbers it takes those up to the first word that is none, and no more than the parameter has (kernel/sysctl.c,
    do_proc_dointvec): `1 # comment` is 1. Where `held` is not known, what is no number is taken for text.
    """
    words, before = _WORD.findall(text), _WORD.findall(held or "")
    numbers = _leading(words)
    is_number = bool(_leading(before))
    if not words or (is_number and not numbers) or not _within_bounds(path, numbers, whole=len(before) == 1):
        return None
    if not numbers:
        return " ".join(words) if words[0] in facts().words.get(path, words) else None
    kept = numbers[: len(before)] if is_number else numbers
    if path in facts().flags:
        return str(int(kept[0] != 0))
    return " ".join([*map(str, kept), *(before[len(kept) :] if is_number else ())])


def bounds(path: str, *, whole: bool = False) -> tuple[float, float]:
    """The least and the most that the kernel takes there; `whole`: it is known to hold one number."""
    known = facts()
    of_32_bits = path not in known.long and (whole or path.startswith(tuple(known.whole)))
    return known.limits.get(path, _INT if of_32_bits else (-math.inf, math.inf))


def _within_bounds(path: str, numbers: list[int], *, whole: bool) -> bool:
    low, high = bounds(path, whole=whole)
    return all(low <= number <= high for number in numbers)


def _leading(words: list[str]) -> list[int]:
    found = []
    for word in words:
        number = _number(word)
        if number is None:
            break
        found.append(number)
    return found


def _number(word: str) -> int | None:
    """As strtoul with base 0: hexadecimal, octal, decimal."""
    found = _NUMBER.fullmatch(word)
    if not found:
        return None
    digits = found[2].lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    return int(digits.removeprefix("0x"), base) * (-1 if found[1] else 1)
