"""An image in any form, for QEMU or as a raw copy: what QEMU reads stays where it is, what is packed is unpacked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from generator import proc
from generator.base import inspect
from generator.forms import look, sentences, zstd

_MIB = 1 << 20
_UNPACKED = "unpacked.raw"


@dataclass(frozen=True, slots=True)
class Readable:
    """A file that QEMU reads, by which of its drivers."""

    path: Path
    driver: str


def readable(image: Path, folder: Path) -> Readable:
    """What QEMU reads of an image: itself, or what was packed in it, unpacked below `folder`.

    What has no form of ours is left to QEMU as qcow2, which says so if it is none. Raises a refusal, ToolError.
    """
    form = look.recognised(image)
    if form is None or form.name == "qcow2":
        return Readable(image, "qcow2")
    look.golden(image)
    if not form.pack:
        return Readable(image, form.driver)
    return Readable(_unpack(image, folder / _UNPACKED), form.driver)


def raw(image: Path, where: Path) -> None:
    """A raw copy of an image, sparse, at `where`; of a raw disk, too. Raises a refusal, ToolError."""
    form = look.recognised(image)
    if form is not None and form.pack:
        look.golden(image)
        _unpack(image, where)
        return
    driver = inspect.check(image, str(image)) if form is None else look.golden(image).driver
    proc.run(["qemu-img", "convert", "-f", driver, "-O", "raw", f"file:{image.absolute()}", where])


def _unpack(image: Path, where: Path) -> Path:
    """Into a sparse file, if all of it would find room: how much of it is holes is only known afterwards."""
    size = zstd.unpacked(image)
    free = shutil.disk_usage(where.parent).free
    if free < size:
        raise sentences.no_room_to_read(str(where.parent), -(-size // _MIB), free // _MIB)
    proc.run(["zstd", "-q", "-d", "--sparse", "--no-progress", "-o", where.absolute(), image.absolute()])
    if (has := where.stat().st_size) != size:
        raise sentences.refused(str(image), sentences.other_length(size, has))
    if inspect.check(where, str(image)) != "raw":
        raise sentences.refused(str(image), sentences.NO_DISK)
    return where
