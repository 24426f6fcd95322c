"""What qemu-img makes up at each conversion, made from the image instead: then the same image gives the same bytes.

VMDK: the content id, 8 digits of the descriptor, by which a child would know its parent. VHD: the time and the UUID of
the footer, and so its checksum. The time is 0, which is the year 2000.
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from generator.forms import look, sentences

_SECTOR = 512
_TIME_AT, _UUID_AT = 24, 68
_CID = re.compile(rb"^CID=([0-9a-f]{1,8})\n", re.M)
_SEED = uuid.UUID("f9d1a36a-7c0e-4d63-9f0b-6e6f6e646562")
_NO_PARENT = 0xFFFFFFFF  # what a CID must not be


def stamped(kind: str, made: Path, origin: str) -> None:
    """Stamp a file that qemu-img wrote; `origin` tells what of: the same one gives the same stamp. Raises ToolError."""
    if kind:
        _STAMPS[kind](made, uuid.uuid5(_SEED, origin))


def _vmdk(made: Path, ident: uuid.UUID) -> None:
    """qemu-img writes a CID without its leading zeros; what may be left behind the end of a shorter text goes, too."""
    with made.open("r+b") as file:
        file.seek(_SECTOR)
        room = file.read(look.DESCRIPTOR_MOST * _SECTOR)
        text, found = _CID.subn(b"CID=%08x\n" % (ident.int % _NO_PARENT), room.partition(b"\0")[0])
        if found != 1 or len(text) > len(room):
            raise sentences.no_stamp(str(made))
        file.seek(_SECTOR)
        file.write(text.ljust(len(room), b"\0"))


def _vhd(made: Path, ident: uuid.UUID) -> None:
    with made.open("r+b") as file:
        file.seek(-_SECTOR, 2)
        footer = bytearray(file.read(_SECTOR))
        if footer[:8] != b"conectix":
            raise sentences.no_stamp(str(made))
        struct.pack_into(">I", footer, _TIME_AT, 0)
        footer[_UUID_AT : _UUID_AT + 16] = ident.bytes
        struct.pack_into(">I", footer, look.VHD_SUM_AT, look.vhd_sum(bytes(footer)))
        file.seek(-_SECTOR, 2)
        file.write(footer)


_STAMPS: Mapping[str, Callable[[Path, uuid.UUID], None]] = {"vmdk": _vmdk, "vhd": _vhd}
