"""A GUID partition table, written as bytes: the same partitions give the same bytes, and no tool is needed.

After UEFI 2.10, chapter 5: a protective MBR, the header and its entries at the start, and copies of both at the end.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

SECTOR = 512
MIB = 1 << 20
_ENTRIES = 128
_ENTRY_BYTES = 128
_TABLE_SECTORS = _ENTRIES * _ENTRY_BYTES // SECTOR


@dataclass(frozen=True, slots=True)
class Partition:
    """`start` and `size` are in MiB, `kind` is the partition type's GUID."""

    number: int
    name: str
    kind: str
    start: int
    size: int

    @property
    def offset(self) -> int:
        """Where it begins, in bytes."""
        return self.start * MIB


def write(disk: BinaryIO, size: int, partitions: Sequence[Partition], seed: uuid.UUID) -> None:
    """Write the tables of a disk of `size` bytes. Every GUID on it is derived from `seed`."""
    last = size // SECTOR - 1
    entries = bytearray(_ENTRIES * _ENTRY_BYTES)
    for part in partitions:
        at = (part.number - 1) * _ENTRY_BYTES
        entries[at : at + _ENTRY_BYTES] = _entry(part, uuid.uuid5(seed, part.name))
    _put_tables(disk, last, bytes(entries), seed)


def append(disk: BinaryIO, kind: str, mib: int) -> int:
    """Make a disk larger by one more partition at its end; where it begins, in bytes.

    The copy of the tables moves to the new end, and no other partition changes. Raises ValueError where there is no
    such table.
    """
    disk.seek(SECTOR)
    header = disk.read(SECTOR)
    table, count, size = struct.unpack_from("<QII", header, 72)
    if not header.startswith(b"EFI PART") or (count, size) != (_ENTRIES, _ENTRY_BYTES):
        raise ValueError("its partition table is no GPT of 128 entries")
    disk.seek(table * SECTOR)
    entries = bytearray(disk.read(_ENTRIES * _ENTRY_BYTES))
    used = [number for number in range(1, _ENTRIES + 1) if any(entries[(number - 1) * _ENTRY_BYTES :][:16])]
    start = -(-disk.seek(0, 2) // MIB)
    number = max(used, default=0) + 1
    part = Partition(number, f"appended{number}", kind, start, mib)
    ident = uuid.UUID(bytes_le=header[56:72])
    entries[(number - 1) * _ENTRY_BYTES : number * _ENTRY_BYTES] = _entry(part, uuid.uuid5(ident, part.name))
    disk.truncate((start + mib + 1) * MIB)
    _put_tables(disk, (start + mib + 1) * MIB // SECTOR - 1, bytes(entries), ident)
    return part.offset


def _put_tables(disk: BinaryIO, last: int, entries: bytes, ident: uuid.UUID) -> None:
    """MBR, header and entries at the start, and copies of the two up to the sector `last`, which is the disk's."""
    for here, other, table in ((1, last, 2), (last, 1, last - _TABLE_SECTORS)):
        _put(disk, table, entries)
        _put(disk, here, _header((here, other, table), last, ident, zlib.crc32(entries)))
    protective = struct.pack("<B3sB3sII", 0, b"\x00\x02\x00", 0xEE, b"\xff\xff\xff", 1, min(last, 0xFFFFFFFF))
    disk.seek(446)
    disk.write(protective.ljust(64, b"\0") + b"\x55\xaa")


def _entry(part: Partition, guid: uuid.UUID) -> bytes:
    first = part.offset // SECTOR
    final = first + part.size * MIB // SECTOR - 1
    name = part.name.encode("utf-16-le")
    return struct.pack("<16s16sQQQ72s", uuid.UUID(part.kind).bytes_le, guid.bytes_le, first, final, 0, name)


def _header(places: tuple[int, int, int], last: int, disk: uuid.UUID, crc: int) -> bytes:
    """`places` are the sectors of this header, of the other one, and of the entries that belong to this one."""
    here, other, table = places

    def packed(own_crc: int) -> bytes:
        first = struct.pack("<8sIIIIQQ", b"EFI PART", 0x10000, 92, own_crc, 0, here, other)
        usable = struct.pack("<QQ", 2 + _TABLE_SECTORS, last - _TABLE_SECTORS - 1)
        return first + usable + disk.bytes_le + struct.pack("<QIII", table, _ENTRIES, _ENTRY_BYTES, crc)

    return packed(zlib.crc32(packed(0)))


def _put(disk: BinaryIO, sector: int, content: bytes) -> None:
    disk.seek(sector * SECTOR)
    disk.write(content)
