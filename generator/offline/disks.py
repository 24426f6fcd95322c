"""Raw disks that nobody runs: made from images, copied, and where their root file system is."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import errors, proc
from generator.offline.ext4 import Broken, Ext4, Unclean

_ROOT_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"  # a root partition of x86-64: Discoverable Partitions Specification
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Disk:
    """A raw disk, and where its root file system begins, in bytes."""

    path: Path
    offset: int


def copy(image: Path, where: Path, fmt: str = "qcow2") -> Disk:
    """A raw copy of `image` at `where`, sparse, to be edited. Raises ToolError."""
    proc.run(["qemu-img", "convert", "-f", fmt, "-O", "raw", image.absolute(), where.absolute()])
    return find(where)


def again(disk: Disk, where: Path) -> Disk:
    """A copy of a raw disk at `where`, with its holes; the file system shares the blocks where it can.

    Half a second for a gigabyte of which a third is used. An overlay would be cheaper still, but debugfs reads no
    qcow2, and a FUSE export of one (qemu-storage-daemon) is not to be had in most containers.
    """
    with disk.path.open("rb") as old, where.open("wb") as new:
        size = os.fstat(old.fileno()).st_size
        new.truncate(size)
        for begin, end in data(old.fileno(), size):
            done = begin
            while done < end:
                done += os.copy_file_range(old.fileno(), new.fileno(), end - done, done, done)
    return Disk(where, disk.offset)


def data(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Where a sparse file has data, from and to."""
    end = 0
    while end < size:
        try:
            begin = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError:  # ENXIO: a hole up to the end
            return
        end = os.lseek(descriptor, begin, os.SEEK_HOLE)
        yield begin, end


def find(disk: Path) -> Disk:
    """The root file system of a raw disk: the partition of that type, else the largest one. Raises ToolError."""
    parts, sector = _table(disk)
    if not parts:
        raise errors.offline_failed(str(disk), "it has no partitions")
    root = max(parts, key=lambda part: (part["type"].upper() == _ROOT_TYPE, part["size"]))
    found = Disk(disk, root["start"] * sector)
    _refuse_unclean(found)
    return found


def partitions(disk: Path, *kinds: str) -> tuple[int, ...]:
    """Where the partitions of these types begin on a raw disk, in bytes. Raises ToolError."""
    parts, sector = _table(disk)
    return tuple(part["start"] * sector for part in parts if part["type"].upper() in kinds)


def _table(disk: Path) -> tuple[list[dict[str, Any]], int]:
    """The partitions, and how many bytes a sector has."""
    table = json.loads(proc.run(["sfdisk", "--json", disk.absolute()]))["partitiontable"]
    return table.get("partitions", []), table.get("sectorsize", _SECTOR)


def _refuse_unclean(disk: Disk) -> None:
    """What is no ext4 is no concern yet: whoever reads it is told."""
    with disk.path.open("rb") as file:
        try:
            Ext4(file.fileno(), disk.offset)
        except Unclean as error:
            raise errors.offline_failed(str(disk.path), str(error)) from None
        except (Broken, struct.error):
            return


@contextmanager
def volume(disk: Disk) -> Iterator[Ext4]:
    """The root file system, open as long as the caller reads it. Raises ToolError where it cannot be read."""
    descriptor = os.open(disk.path, os.O_RDONLY)
    try:
        yield Ext4(descriptor, disk.offset)
    except (Broken, struct.error) as error:
        raise errors.offline_failed(str(disk.path), str(error)) from None
    finally:
        os.close(descriptor)
