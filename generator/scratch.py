"""Private folders for work in progress: gone afterwards in any case, and swept by the next run where we were killed.

Each is locked while it is used, and the kernel gives the lock back when its holder dies: so a folder that nobody holds
is what a killed run left behind.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator import locks, stop

_OWN = re.compile(r"[a-z0-9_]{8}")  # what mkdtemp(3) puts behind a prefix


@contextmanager
def folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent`, for its owner alone. Raises OSError."""
    sweep(parent, prefix)
    claimed: list[tuple[Path, int]] = []
    try:
        with stop.postponed():  # a signal finds it claimed, or not begun
            claimed.append(_claimed(parent, prefix))
        yield claimed[0][0]
    finally:
        with stop.postponed():
            for path, lock in claimed:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)


def usual() -> Path:
    """The folder for temporary files. Raises OSError where there is none, which is where all are full or read-only."""
    return Path(tempfile.gettempdir())


def sweep(parent: Path, prefix: str) -> None:
    """Remove what killed runs of this user left in `parent`. What cannot be looked at is left alone."""
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and _OWN.fullmatch(entry.name.removeprefix(prefix)):
                with suppress(OSError):
                    _remove_if_left(Path(entry.path))


def _remove_if_left(path: Path) -> None:
    seen = path.lstat()
    if stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid():
        lock = locks.try_folder(path)
        try:
            shutil.rmtree(path)
        finally:
            os.close(lock)


def _claimed(parent: Path, prefix: str) -> tuple[Path, int]:
    """A folder and its lock. Between the two somebody may have swept it: then another one."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with suppress(BlockingIOError, FileNotFoundError):
            return path, locks.try_folder(path)
