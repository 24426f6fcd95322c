"""Private keys anywhere on a disk: in whichever file, in the free space, in another partition.

The bytes of the disk are searched and not its files, which lack what was deleted. What a
program has in it to compare with is no key: a key has its letters after the heading.
"""

from __future__ import annotations

import base64
import mmap
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator import offline
from generator.offline import Disk

# RFC 7468 and RFC 4880, with the headers that an encrypted key of OpenSSL has before its letters.
_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\r?\n(?:[A-Za-z-]+: [^\n]{1,200}\r?\n)*(?:\r?\n)?"
    rb"[A-Za-z0-9+/]{20}"
)
_HEADING = b"PRIVATE KEY"
_BEFORE = 40  # bytes in which a heading begins before these words
_ENOUGH = 1024  # bytes that a heading and its headers have at most
_ENCODED = b"LS0tLS1CRUdJTi"  # "-----BEGIN " in base64, as a kubeconfig has it
_LETTERS = re.compile(rb"[A-Za-z0-9+/]+")
_MOST = 100  # places that are told
_PAIR = re.compile(r"^(\d+)\t(\S.*)", re.M)  # of icheck and ncheck: what was asked for, and what it is


def found(disk: Disk) -> tuple[str, ...]:
    """Where private keys are: paths, and in words what is no file's. Raises ToolError."""
    with disk.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        places = [at for begin, end in offline.data(file.fileno(), len(data)) for at in _places(data, begin, end)]
    return tuple(sorted(set(_owners(disk, sorted(set(places))[:_MOST]))))


def _places(data: mmap.mmap, begin: int, end: int) -> Iterator[int]:
    at = begin
    while (at := data.find(_HEADING, at, end)) >= 0:
        key = _KEY.search(data, max(begin, at - _BEFORE), min(end, at + _ENOUGH))
        if key and key.start() < at:
            yield key.start()
        at += len(_HEADING)
    at = begin
    while (at := data.find(_ENCODED, at, end)) >= 0:
        letters = _LETTERS.match(data, at, min(end, at + _ENOUGH))
        text = letters[0] if letters else b""
        if _KEY.match(base64.b64decode(text[: len(text) // 4 * 4])):
            yield at
        at += len(_ENCODED)


def _owners(disk: Disk, places: Sequence[int]) -> Iterator[str]:
    """Whose the blocks are, by debugfs, which is asked only where there is something."""
    if not places:
        return
    with offline.volume(disk) as root:
        blocks = {at: str((at - disk.offset) // root.block) for at in places if at >= disk.offset}
    inodes = _pairs(disk, "icheck", blocks.values())
    paths = _pairs(disk, "ncheck", filter(str.isdigit, inodes.values()))
    for at in places:
        path = paths.get(inodes.get(blocks.get(at, ""), ""))
        yield re.sub("^/+", "/", path) if path else f"no file, but byte {at} of the disk"


def _pairs(disk: Disk, command: str, numbers: Iterable[str]) -> Mapping[str, str]:
    """What is asked for, and what it is. Of a block that is nobody's debugfs says so in words."""
    asked = sorted(set(numbers), key=int)
    return dict(_PAIR.findall(offline.ask(disk, f"{command} {' '.join(asked)}"))) if asked else {}
