"""One file, written whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from generator import locks, output, stop
from generator.sentences import places

_NO_FILE = (errno.ELOOP, errno.ENXIO, errno.EISDIR)  # open(2) of a link, of a pipe, of a folder


@contextmanager
def file(target: Path, mode: int = 0o600, *, shared: bool = False) -> Iterator[BinaryIO]:
    """Write one file, for its owner alone if not told otherwise, that takes the place of `target` when it is whole.

    A link stays one. What is no regular file, such as /dev/null, is written to as it is. Raises LockedError where
    another run writes it, ToolError, and a refusal where something else has the name of what is not whole. `shared`:
    others may write the same bytes there meanwhile, each by itself.
    """
    with output.writing(target):
        if target.exists() and not target.is_file():
            with target.open("wb") as out:
                yield out
            return
        target = Path(os.path.realpath(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        claimed: list[tuple[int, Path]] = []
        try:
            with stop.postponed():  # a signal finds it claimed, or not begun
                claimed.append(_own(target) if shared else _claimed(target))
            descriptor, stage = claimed[0]
            with open(descriptor, "wb", closefd=False) as out:
                yield out
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
            stop.too_late()
            stage.replace(target)
        except BaseException:
            with stop.postponed():
                for _, stage in claimed:
                    stage.unlink(missing_ok=True)
            raise
        finally:
            for descriptor, _ in claimed:
                os.close(descriptor)
        output.confirm(target)


def _own(target: Path) -> tuple[int, Path]:
    descriptor, name = tempfile.mkstemp(prefix=f".stage-{target.name}-", dir=target.parent)
    return descriptor, Path(name)


def _claimed(target: Path) -> tuple[int, Path]:
    """The unfinished file, empty and locked: always of the same name, so that what a killed run left is taken up.

    Somebody may get the lock when the other's file has just become `target`: then it is tried again.
    """
    stage = target.with_name(f".stage-{target.name}")
    while True:
        try:
            descriptor = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        except OSError as error:
            if error.errno in _NO_FILE:
                raise places.in_the_way(str(stage)) from None
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if locks.means(stage, descriptor):
                return _private(stage, descriptor), stage
        except BlockingIOError:
            os.close(descriptor)
            raise places.stream_locked(str(target)) from None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _private(stage: Path, descriptor: int) -> int:
    """Empty it, if it is a file of ours that has no other name: nobody else shall read what comes into it."""
    seen = os.fstat(descriptor)
    if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_nlink != 1:
        raise places.in_the_way(str(stage))
    try:
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
    except OSError:
        stage.unlink(missing_ok=True)
        raise
    return descriptor
