"""A line of a log -> the words that say what happened, without the parts that differ from node to node."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

CLUSTER = "<address>"  # an address that no public network routes: a pod's, a service's, a node's at home
PUBLIC = "<public>"
API = "<api>"  # beside CLUSTER: the first address of a range, at 443, which is the API server's service

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\\[nrt\"]|\^\[\[[0-9;]*m")
# Before what a program says: the journal's and syslog's, ISO 8601, klog's, and the kernel's own.
_PREFIX = re.compile(
    r"^\s*(?:"
    r"[A-Z][a-z]{2} +\d{1,2} [\d:.]{8,} \S+ [\w@.-]+(?:\[\d+\])?: ?|"
    r"\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?(?: std(?:out|err) [FP])? ?|"
    r"[IWEF]\d{4} [\d:.]+ +\d+ [\w.-]+:\d+\] ?|"
    r"<\d+> ?|\[ *\d+\.\d+\] ?|kernel: ?|[\w.-]+\[\d+\]: ?"
    r")"
)
_TOKEN = re.compile(
    r"(?P<mark><[a-z]+>)|"
    r"(?P<address>\[?[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*:[0-9a-fA-F.]*\]?(?::\d+)?|\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?)|"
    r"(?P<word>[A-Za-z_][A-Za-z0-9_-]*)"
)
_PORT = re.compile(r"(?:\]|\.\d{1,3}):(\d+)\Z")
_SERIAL = re.compile(r"\d{5,}\Z")  # containerd-mount2676082085
_HEX = re.compile(r"(?=.*[0-9])[0-9a-f]{8,}\Z")


def words(text: str) -> tuple[str, ...]:
    """In their order: lower case, - as _, addresses as what they are, and no numbers, ids or time stamps."""
    return tuple(_tokens(_bare(text)))


def begins(line: str) -> bool:
    """Whether a line says who speaks, or when: then it does not go on with the line before it."""
    return bool(_PREFIX.match(_ESCAPES.sub(" ", line)))


def _bare(line: str) -> str:
    """A line without colours, and without who said it when."""
    line = _ESCAPES.sub(" ", line)
    while (shorter := _PREFIX.sub("", line, count=1)) != line:
        line = shorter
    return line


def _tokens(line: str) -> Iterator[str]:
    for found in _TOKEN.finditer(line):
        if mark := found["mark"]:
            if mark in (CLUSTER, API):
                yield mark
        elif address := found["address"]:
            yield from _address(address)
        else:
            word = _SERIAL.sub("", found["word"].lower().replace("-", "_")).strip("_")
            if word and not _HEX.match(word):
                yield word


def _address(text: str) -> Iterator[str]:
    """An address, with or without its port; what only looks like one (a time of day) is nothing."""
    port = _PORT.search(text)
    bare = re.sub(r"(?<=\])(:\d+)$|[\[\]]", "", text)
    bare = re.split(r"[:/]", bare)[0] if "." in bare and bare.count(":") < 2 else bare
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return
    yield PUBLIC if address.is_global else CLUSTER
    if port and port[1] == "443" and address.packed[-1] == 1 and not address.is_global:
        yield API
