"""Locks by flock(2): the kernel gives one back when its holder dies, however it dies.

A lock is on a file, not on its name. Whoever got one looks whether the name still means that file: somebody may have
removed it, or put another in its place, while we waited or a moment before.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file `path`, which is made if need be and stays.

    Raises BlockingIOError where somebody else holds it. With `wait`, that is called then, and the lock waited for.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            _lock(descriptor, wait)
            if means(path, descriptor):
                yield
                return
        finally:
            os.close(descriptor)


def try_folder(path: Path) -> int:
    """Lock a folder itself; returns the descriptor that holds it. Raises BlockingIOError, or OSError if it is gone."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not means(path, descriptor):
            raise FileNotFoundError(path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def means(path: Path, descriptor: int) -> bool:
    """Whether a name still means the file that is open."""
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _lock(descriptor: int, wait: Callable[[], None] | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if wait is None:
            raise
        wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
