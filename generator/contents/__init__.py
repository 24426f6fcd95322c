"""All that is in an image, file by file, of an image that nobody runs."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator import errors, offline
from generator.contents import attributes
from generator.forms import reading
from generator.offline import Disk
from generator.offline.ext4 import Broken, Ext4, Inode

BOOT = "(before the root file system)"  # partition tables, GRUB, the EFI system partition: no path
IDENT = "(the root file system's UUID)"
_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}
_DEVICES = ("character device", "block device")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What is at a path. `content` is a file's sha256, a link's target, a device's numbers. Mode is octal text.

    `attributes` are names and what stands for their values: the value in hex, or its sha256 where that is shorter.
    """

    kind: str
    mode: str
    owner: str
    attributes: str
    content: str


@contextmanager
def opened(image: Path) -> Iterator[Disk]:
    """A raw copy of an image, there for as long as the caller needs it.

    Raises a refusal for what is no image or names other files, ToolError.
    """
    if not image.is_file():
        raise errors.no_image(str(image))
    with tempfile.TemporaryDirectory(prefix="nodebake-image.") as folder:
        raw = Path(folder, "disk.raw")
        reading.raw(image, raw)
        yield offline.find(raw)


def of(disk: Disk) -> Mapping[str, Entry]:
    """Everything on a raw disk, by path. Raises ToolError where it cannot be read."""
    with offline.volume(disk) as volume:
        found = {BOOT: _plain(_head(disk)), IDENT: _plain(volume.uuid)}
        return {**found, **{path: _entry(volume, inode) for path, inode in _inodes(volume)}}


def files(disk: Disk) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every regular file of a raw disk: its path, and what reads it as long as this goes on. Raises ToolError."""
    with offline.volume(disk) as volume:
        for path, inode in _inodes(volume):
            if stat.S_ISREG(inode.mode):
                yield path, functools.partial(_joined, volume, inode)


def _joined(volume: Ext4, inode: Inode) -> bytes:
    return b"".join(volume.content(inode))


def _plain(content: str) -> Entry:
    return Entry("bytes", "", "", "", content)


def _head(disk: Disk) -> str:
    with disk.path.open("rb") as file:
        return _sha256(file.read(min(_CHUNK, disk.offset - at)) for at in range(0, disk.offset, _CHUNK))


def _inodes(volume: Ext4) -> Iterator[tuple[str, Inode]]:
    """Folders are seen once: in a damaged one that is in itself there would be no end."""
    left, seen = [("", volume.root())], set()
    while left:
        path, inode = left.pop()
        yield path or "/", inode
        if stat.S_ISDIR(inode.mode):
            if inode.number in seen:
                raise Broken(f"the folder {path} is in itself")
            seen.add(inode.number)
            for name, number in volume.names(inode):
                left.append((f"{path}/{os.fsdecode(name)}", volume.inode(number)))


def _entry(volume: Ext4, inode: Inode) -> Entry:
    kind = _KINDS.get(stat.S_IFMT(inode.mode), "nothing that is known")
    found = attributes.of(volume, inode)
    shown = " ".join(f"{name}={_short(value)}" for name, value in found.items())
    return Entry(
        kind, f"{stat.S_IMODE(inode.mode):04o}", f"{inode.uid}:{inode.gid}", shown, _content(volume, inode, kind)
    )


def _content(volume: Ext4, inode: Inode, kind: str) -> str:
    if kind == "file":
        return _sha256(volume.content(inode))
    if kind == "symlink":
        return os.fsdecode(volume.target(inode))
    if kind in _DEVICES:
        old, new = struct.unpack_from("<II", inode.map)
        return f"{os.major(old or new)}:{os.minor(old or new)}"
    return ""


def _short(value: bytes) -> str:
    return value.hex() if len(value) <= 32 else f"sha256:{hashlib.sha256(value).hexdigest()}"


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
