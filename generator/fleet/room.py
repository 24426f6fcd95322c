"""Room on the disk for a whole fleet: its first nodes are written, and so it is known about what all of them take."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from generator.fleet.template import Block
from generator.sentences import places

FIRST = 100  # nodes, after which it is looked; a smaller fleet is not looked at
_CLEARLY = 1.25  # times what is free: other nodes have other values
_BLOCK = 512  # bytes: what st_blocks counts in, see stat(2)
_MIB = 1 << 20


def look(folder: Path, more: int) -> None:
    """Raises ToolError where there is clearly no room for so many nodes more, if they are as the first in a folder."""
    some = list(itertools.islice(folder.iterdir(), FIRST))
    made = [*some, *(path for node in some if node.is_dir() for path in node.iterdir())]
    taken = sum(path.lstat().st_blocks for path in made) * _BLOCK
    _hold(folder.resolve().parent, more, taken * more // len(some), len(made) * more // len(some))


def watched(blocks: Iterable[Block], out: BinaryIO, target: Path, count: int) -> Iterator[Block]:
    """The same blocks. When the first nodes have been written, it is looked whether there is room for the others.

    Nothing is known of the room in a pipe, or in a device.
    """
    is_file, done = stat.S_ISREG(os.fstat(out.fileno()).st_mode), 0
    for block in blocks:
        yield block
        before, done = done, done + len(block[0])
        if is_file and before < FIRST <= done:
            _hold(target.resolve().parent, count - done, out.tell() * (count - done) // done, 0)


def _hold(place: Path, nodes: int, need: int, files: int) -> None:
    """Root may take what is kept back for it. A file system that does not count its files says that it has none."""
    has, root = os.statvfs(place), os.geteuid() == 0
    free = (has.f_bfree if root else has.f_bavail) * has.f_frsize
    free_files = has.f_ffree if root else has.f_favail
    if need > free * _CLEARLY:
        raise places.no_room_for_nodes(os.fspath(place), nodes, -(-need // _MIB), free // _MIB)
    if has.f_files and files > free_files * _CLEARLY:
        raise places.no_files_for_nodes(os.fspath(place), nodes, files, free_files)
