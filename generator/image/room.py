"""Two private folders of one build: one for what Packer needs, one for the disk. Both are gone afterwards, in any case.

They are two because a socket's name must be short (unix(7)), and the disk must be in the file system of its final
place. Each is locked while it is used, and the kernel gives the lock back when its holder dies: so a folder that nobody
holds is what a killed build left behind, and the next one removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WORK = "nodebake-bake."
_LONGEST = 80  # bytes; of 108 for a socket's whole name
_YOUNG = 60.0  # seconds; a folder that was made a moment ago may not be locked yet


@contextmanager
def work() -> Iterator[Path]:
    """For keys, sockets and Packer's own temporary files: in the usual place, or /tmp where its name is too long."""
    usual = tempfile.gettempdir()
    parent = Path(usual if len(os.fsencode(usual)) + len(_WORK) + 8 < _LONGEST else "/tmp")  # noqa: S108 - mkdtemp
    with _held(parent, _WORK) as folder:
        yield folder


@contextmanager
def stage(parent: Path, name: str) -> Iterator[Path]:
    """For the disk, in a folder of the file system of its final place."""
    with _held(parent, f".{name}.") as folder:
        yield folder


@contextmanager
def _held(parent: Path, prefix: str) -> Iterator[Path]:
    _sweep(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove what killed builds of this user left in `parent`. What cannot be looked at is left alone."""
    for found in parent.iterdir():
        if found.name.startswith(prefix):
            with suppress(OSError):
                _remove_if_left(found)


def _remove_if_left(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        private = stat.S_IMODE(status.st_mode) == stat.S_IRWXU and status.st_uid == os.geteuid()
        if private and time.time() - status.st_mtime > _YOUNG:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    finally:
        os.close(handle)
