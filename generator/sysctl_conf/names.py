"""Names of kernel parameters and globs of them, as sysctl.d(5) writes them."""

from __future__ import annotations

import functools
import re

_GLOB = re.compile(r"[*?[]")
_BRACKETS = re.compile(r"\[([!^]?)(\]?[^\]]*)\]")


@functools.lru_cache(maxsize=4096)  # a plan asks for the same few names some thousand times
def proc_path(key: str) -> str:
    """net.ipv4.ip_forward -> net/ipv4/ip_forward, below /proc/sys (systemd: src/basic/sysctl-util.c).

    Where the first separator is a dot, dots separate and a slash stands for a dot inside a name.
    """
    first = next((character for character in key if character in "./"), "/")
    path = key if first == "/" else key.translate(str.maketrans("./", "/."))
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def dotted(path: str) -> str:
    """net/ipv4/ip_forward -> net.ipv4.ip_forward, for people."""
    return path.translate(str.maketrans("./", "/."))


def normal(value: str) -> str:
    """A value with its blanks as the kernel prints them: one between two words."""
    return " ".join(value.split())


def is_glob(path: str) -> bool:
    """Whether it is a pattern for systemd and procps."""
    return _GLOB.search(path) is not None


def matches(pattern: str, path: str) -> bool:
    """glob(3): no wildcard stands for a slash."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(path) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None for a pattern that matches nothing, such as one with the range z-a."""
    text, at = "", 0
    while at < len(pattern):
        piece, at = _piece(pattern, at)
        text += piece
    try:
        return re.compile(text)
    except re.error:
        return None


def _piece(pattern: str, at: int) -> tuple[str, int]:
    character = pattern[at]
    if character in "*?":
        return "[^/]*" if character == "*" else "[^/]", at + 1
    if character == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), at + 2
    if character == "[" and (found := _BRACKETS.match(pattern, at)):
        body = re.sub(r"([\\\[\]^&~|])", r"\\\1", found[2])
        return f"[{'^/' if found[1] else ''}{body}]", found.end()
    return re.escape(character), at + 1
