"""What an image is, in digests: of its file, of the disk in it, and of the packages on that disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator import contents, dpkg, errors, offline
from generator.attest import sentences
from generator.offline import Disk

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """Digests in hex. The file's change when it is compressed or converted, `raw_sha256` does not.

    `packages` is dpkg.listing of what is installed.
    """

    sha256: str
    sha512: str
    raw_sha256: str
    packages: bytes

    @property
    def packages_sha256(self) -> str:
        return hashlib.sha256(self.packages).hexdigest()


@contextmanager
def opened(image: Path) -> Iterator[tuple[Measured, Disk]]:
    """Measure an image; its raw copy is there for as long as the caller needs it.

    Raises as contents.opened does, and CheckFailed where the image changed meanwhile.
    """
    before = _identity(image)
    with contents.opened(image) as disk:
        yield _measured(image, disk), disk
    if _identity(image) != before:
        raise sentences.changed_meanwhile(str(image))


def _measured(image: Path, disk: Disk) -> Measured:
    status = offline.read(disk, dpkg.STATUS)
    if status is None:
        raise errors.offline_failed(str(image), f"it has no {dpkg.STATUS}")
    sha256, sha512 = digests(image)
    return Measured(sha256, sha512, digests(disk.path)[0], dpkg.listing(dpkg.installed(status)))


def digests(path: Path) -> tuple[str, str]:
    """sha256 and sha512 of a file, in one reading. Raises OSError."""
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            sha256.update(chunk)
            sha512.update(chunk)
    return sha256.hexdigest(), sha512.hexdigest()


def _identity(path: Path) -> tuple[int, ...]:
    """Nothing where nothing is, of which others have a sentence."""
    try:
        seen = path.stat()
    except OSError:
        return ()
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns
