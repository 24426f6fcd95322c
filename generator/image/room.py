"""Two private folders of one build: one for what Packer needs, one for the disk. Both are gone afterwards, in any case.

They are two because a socket's name must be short (unix(7)), and the disk must be in the file system of its final
place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator import scratch
from generator.sentences import places

_WORK = "nodebake-bake."
_LONGEST = 80  # bytes; of 108 for a socket's whole name
_MIB = 1 << 20
_MORE_MIB = 512  # what a profile's packages, images and files add, at least: a node with kubelet takes some 300


@contextmanager
def work() -> Iterator[Path]:
    """For keys, sockets and Packer's own temporary files: in the usual place, or /tmp where its name is too long."""
    usual = scratch.usual()
    parent = usual if len(os.fsencode(usual)) + len(_WORK) + 8 < _LONGEST else Path("/tmp")  # noqa: S108 - mkdtemp
    with scratch.folder(parent, _WORK) as folder:
        yield folder


@contextmanager
def stage(parent: Path, name: str) -> Iterator[Path]:
    """For the disk, in a folder of the file system of its final place."""
    with scratch.folder(parent, f".{name}.") as folder:
        yield folder


def preflight(parent: Path, base: Path) -> None:
    """Look for room before anything is begun: the base is copied, and grows. Raises ToolError."""
    need = base.stat().st_blocks * 512 // _MIB + _MORE_MIB
    free = shutil.disk_usage(parent).free // _MIB
    if free < need:
        raise places.no_room_for_image(os.fspath(parent), need, free)
