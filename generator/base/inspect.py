"""May this file be opened as a disk image? Decided before anything opens it as one.

QEMU is never left to guess a format, and an image that names other files is refused: its backing file may be
/etc/passwd, and converting the image would copy that into the result.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Literal

from generator import errors, proc

_MAGIC = b"QFI\xfb"
CAP_GIB = 64
_OTHERS = {b"KDMV": "VMDK", b"COWD": "VMDK", b"# Di": "VMDK", b"vhdx": "VHDX", b"cone": "VHD", b"\xfd7zX": "xz"}
_PACKED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"PK": "zip"}
# Incompatible features by bit (QEMU's docs/interop/qcow2.txt). Refused: 1 corrupt, 2 external data file, all unknown.
_KNOWN = 1 << 0 | 1 << 3 | 1 << 4  # dirty, compression type, extended L2 entries
_NAMES = {1: "it is marked as corrupt", 2: "it keeps its data in another file"}

Kind = Literal["qcow2", "raw"]


def check(image: Path, name: str) -> Kind:
    """The format of the image at `image`. `name` is what the user calls it. Raises errors.usage where it is refused."""
    with image.open("rb") as file:
        head = file.read(104)
        file.seek(510)
        signed = file.read(2) == b"\x55\xaa"
    kind = _kind(head, signed, name)
    if kind == "qcow2":
        _header(head, name)
    standalone(image, kind, name)
    return kind


def standalone(image: Path, driver: str, name: str) -> int:
    """The size of the disk, in bytes, as QEMU's driver reads it. Raises errors.usage where it names other files."""
    info = json.loads(proc.run(["qemu-img", "info", "--output=json", "-f", driver, f"file:{image}"]))
    _told(info, name)
    return int(info["virtual-size"])


def golden(image: Path) -> None:
    """Refuse what is no image by itself: raw, or with bytes in another file. Raises errors.usage."""
    if check(image, errors.visible(str(image))) != "qcow2":
        raise errors.image_refused(str(image), "it is no qcow2 image")


def _kind(head: bytes, signed: bool, name: str) -> Kind:
    if head[:4] == _MAGIC:
        return "qcow2"
    other = _OTHERS.get(head[:4]) or _PACKED.get(head[:2])
    if other:
        raise errors.image_refused(name, f"it is {other}, and only qcow2 and raw disks are accepted")
    if not signed:
        raise errors.image_refused(name, "it is neither qcow2 nor a raw disk with a boot record")
    return "raw"


def _header(head: bytes, name: str) -> None:
    """What the bytes say by themselves, before qemu-img reads them."""
    if len(head) < 104:
        raise errors.image_refused(name, "its qcow2 header is cut short")
    version, backing = struct.unpack(">IQ", head[4:16])
    if version not in (2, 3):
        raise errors.image_refused(name, f"qcow2 version {version} is unknown")
    if backing:
        raise errors.image_refused(name, "it has a backing file")
    size, crypt = struct.unpack(">QI", head[24:36])
    if crypt:
        raise errors.image_refused(name, "it is encrypted")
    features = struct.unpack(">Q", head[72:80])[0] if version == 3 else 0
    for bit in range(64):
        if features & ~_KNOWN & 1 << bit:
            raise errors.image_refused(name, _NAMES.get(bit, f"it needs a feature that is not known here (bit {bit})"))
    _fits(size, name)


def _told(info: dict[str, Any], name: str) -> None:
    """What qemu-img says, which reads the header's extensions too."""
    special = info.get("format-specific", {}).get("data", {})
    if any(key.startswith(("backing-", "full-backing-")) for key in info):
        raise errors.image_refused(name, "it has a backing file")
    if "data-file" in special:
        raise errors.image_refused(name, "it keeps its data in another file")
    _fits(int(info["virtual-size"]), name)


def _fits(size: int, name: str) -> None:
    if size > CAP_GIB << 30:
        raise errors.image_refused(name, f"its disk has {size >> 30} GiB, more than {CAP_GIB}")
