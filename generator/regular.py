"""Files that somebody else names: regular ones, opened without waiting, and read no further than they may be long.

A FIFO would have its reader wait, /dev/zero never ends, and either may be what a profile's address means. What is
wrong is an OSError with a sentence for its strerror, as of a file that is not there.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")
_CHUNK = 1 << 20
NOT_REGULAR = "it is not a regular file"
HAS_NUL = "there is a NUL in its name"


class NotRegularError(OSError):
    """A FIFO, a device, a folder."""


def opened(path: str | Path) -> io.BufferedReader:
    """For reading. It is looked at once it is open, so that nothing can be put in its place. Raises OSError."""
    found = descriptor(path)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise NotRegularError(errno.EINVAL, NOT_REGULAR, os.fspath(path))
    return stream(found)


def descriptor(path: str | Path) -> int:
    """Of whatever it is, for reading: neither is a writer waited for, nor what is not there yet. Raises OSError."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError:
        raise OSError(errno.EINVAL, HAS_NUL) from None


def stream(found: int) -> io.BufferedReader:
    """What an open descriptor leads to. Raises NotRegularError where it would have to be waited for."""
    return io.BufferedReader(_Unwaiting(found))


class _Unwaiting(io.FileIO):
    """/proc/kmsg says that it is a regular file, and has its reader wait as a FIFO does."""

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count: int | None = super().readinto(buffer)
        return _there(count)

    def readall(self) -> bytes:
        return _there(super().readall())


def _there(found: T | None) -> T:
    if found is None:
        raise NotRegularError(errno.EINVAL, NOT_REGULAR)
    return found


def read(path: str | Path, most: int) -> bytes:
    """All of a file that has no more than `most` bytes. Raises OSError."""
    with opened(path) as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise _too_large(most)
    return found


def copy(source: str | Path, to: Path, most: int) -> str:
    """The sha256 of what was copied, at most `most` bytes. Raises OSError; then the beginning may be at `to`."""
    digest, left = hashlib.sha256(), most
    with opened(source) as file, to.open("wb") as copied:
        if os.fstat(file.fileno()).st_size > most:
            raise _too_large(most)
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:  # it grows, or is one of /proc's, whose size says nothing
                raise _too_large(most)
            digest.update(chunk)
            copied.write(chunk)
    return digest.hexdigest()


def _too_large(most: int) -> OSError:
    return OSError(errno.EFBIG, f"it has more than {size(most)}")


def size(count: int) -> str:
    """So many bytes, as people say it."""
    units = ((30, "GiB"), (20, "MiB"), (10, "KiB"))
    return next((f"{count >> bits} {unit}" for bits, unit in units if count >= 1 << bits), f"{count} bytes")
