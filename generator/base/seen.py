"""The sha256 of files that were read before, for as long as they are the very same files.

A build reads all bytes of what it starts from. A look whether anything has changed need not: in a block of `trusted`
a file whose device, inode, size, mtime and ctime are as they were when it was read has the bytes that it had then.
(Nobody sets a ctime back. A disk that loses bits by itself is not noticed so: that is what reading is for.)

<cache>/seen/<sha256 of the path>.json      losing one costs a reading
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from generator import data, regular

_TRUSTED: ContextVar[bool] = ContextVar("trusted", default=False)
_SETTLED = 50_000_000  # nanoseconds: a file that was changed later than that could be changed again, unseen


@contextmanager
def trusted() -> Iterator[None]:
    """What was read before need not be read again in this block."""
    token = _TRUSTED.set(True)
    try:
        yield
    finally:
        _TRUSTED.reset(token)


def digest(path: Path) -> str:
    """The sha256 of a file. Raises OSError where it cannot be read."""
    before = _identity(path)
    if _TRUSTED.get() and (known := _known(path, before)):
        return known
    settled = time.time_ns() - before[-1] > _SETTLED
    with regular.opened(path) as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if settled and _identity(path) == before:
        _write(path, before, found)
    return found


def remember(path: Path, sha256: str) -> None:
    """A file that was just put there by us, with bytes that we know."""
    with suppress(OSError):
        _write(path, _identity(path), sha256)


def _identity(path: Path) -> list[int]:
    seen = path.stat()
    return [seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns]


def _place(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
    return data.cache_dir() / "seen" / f"{name}.json"


def _known(path: Path, identity: list[int]) -> str:
    try:
        told = json.loads(_place(path).read_text(encoding="utf-8"))
        return str(told["sha256"]) if told["identity"] == identity else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def _write(path: Path, identity: list[int], sha256: str) -> None:
    """Whole or not at all; where it cannot be written it is not known."""
    place = _place(path)
    text = json.dumps({"path": os.fspath(path.absolute()), "identity": identity, "sha256": sha256})
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".new.", dir=place.parent)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
