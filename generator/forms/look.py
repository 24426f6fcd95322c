"""Which form a file has, by its bytes, and whether it may be opened: before anything opens it as a disk.

As of bases (base/inspect.py): QEMU never guesses, and what names other files is refused, for they may be /etc/passwd.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from generator import errors
from generator.base import inspect
from generator.forms import Form, known, sentences, zstd

_SECTOR = 512
_VMDK = struct.Struct("<4sIIQQQQIQQQB4sH")  # SparseExtentHeader, as far as it is used
_DESCRIPTOR_AT = 1  # sectors; QEMU looks for a parent there, whatever the header says
DESCRIPTOR_MOST = 20  # sectors of a descriptor, of QEMU and of others
_VHD = struct.Struct(">8sIIQI4sI4sQQ4sII16sB")  # the footer
_KINDS = {3: "dynamic", 4: "differencing"}
_FIXED = 2
VHD_SUM_AT = 64


def recognised(image: Path) -> Form | None:
    """The form that the first or the last bytes tell; None for what has none of them. Raises OSError."""
    with image.open("rb") as file:
        head = file.read(4)
        size = file.seek(0, 2)
        file.seek(max(0, size - _SECTOR))
        tail = file.read(8)
    names = {b"QFI\xfb": "qcow2", b"KDMV": "vmdk", zstd.MAGIC: "raw.zst"}
    name = "vhd" if tail == b"conectix" or head == b"cone" else names.get(head)
    return known()[name] if name else None


def golden(image: Path) -> Form:
    """The form of an image by itself. Raises errors.usage for what is none, or has bytes in another file."""
    form = recognised(image)
    if form is None or form.name == "qcow2":
        inspect.golden(image)
        return known()["qcow2"]
    _LOOKS[form.name](image)
    if not form.pack:
        size = inspect.standalone(image, form.driver, errors.visible(str(image)))
        if form.name == "vhd" and size + _SECTOR != (has := image.stat().st_size):  # QEMU goes by cylinders of some
            raise sentences.refused(str(image), sentences.vhd_size(size, has - _SECTOR))
    return form


def _vmdk(image: Path) -> None:
    with image.open("rb") as file:
        head = file.read(_VMDK.size)
        file.seek(_DESCRIPTOR_AT * _SECTOR)
        text = file.read(DESCRIPTOR_MOST * _SECTOR).partition(b"\0")[0].decode("utf-8", "replace")
    if len(head) < _VMDK.size:
        raise sentences.refused(str(image), sentences.CUT_VMDK)
    capacity, at, sectors = (_VMDK.unpack(head)[index] for index in (3, 5, 6))
    if at != _DESCRIPTOR_AT or not 0 < sectors <= DESCRIPTOR_MOST or capacity == 0:
        raise sentences.refused(str(image), sentences.NO_DESCRIPTOR)
    if why := _described(text):
        raise sentences.refused(str(image), why)


def _described(text: str) -> str:
    """What is wrong with a VMDK by its descriptor, or nothing."""
    kinds = re.findall(r'^\s*createType\s*=\s*"?([^"\n]*)', text, re.M)
    if kinds != ["streamOptimized"]:
        return sentences.other_vmdk(", ".join(kinds)) if kinds else sentences.NO_DESCRIPTOR
    if "parentFileNameHint" in text or re.findall(r"^\s*parentCID\s*=\s*(\w*)", text, re.M) != ["ffffffff"]:
        return sentences.VMDK_PARENT
    extents = re.findall(r"^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)", text, re.M)
    return "" if extents == ["SPARSE"] else sentences.VMDK_EXTENTS


def _vhd(image: Path) -> None:
    with image.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _SECTOR))
        footer = file.read(_SECTOR)
    if footer[:8] != b"conectix" or len(footer) < _SECTOR:  # then its first bytes told that it is one
        raise sentences.refused(str(image), sentences.NO_FOOTER)
    current, kind, summed = (_VHD.unpack_from(footer)[index] for index in (9, 11, 12))
    if vhd_sum(footer) != summed:
        raise sentences.refused(str(image), sentences.VHD_SUM)
    if kind != _FIXED:
        raise sentences.refused(str(image), sentences.other_vhd(_KINDS.get(kind, str(kind))))
    if current + _SECTOR != size:
        raise sentences.refused(str(image), sentences.vhd_size(current, size - _SECTOR))


def vhd_sum(footer: bytes) -> int:
    """The checksum of a VHD footer: the complement of the sum of all its other bytes."""
    return ~(sum(footer) - sum(footer[VHD_SUM_AT : VHD_SUM_AT + 4])) & 0xFFFFFFFF


def _zst(image: Path) -> None:
    size = zstd.unpacked(image)
    if size > inspect.CAP_GIB << 30:
        raise sentences.refused(str(image), sentences.too_large(size >> 30, inspect.CAP_GIB))


_LOOKS: Mapping[str, Callable[[Path], None]] = {"vmdk": _vmdk, "vhd": _vhd, "raw.zst": _zst}
