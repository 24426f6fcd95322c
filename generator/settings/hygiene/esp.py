"""The seed that systemd-boot keeps on the EFI system partition, which no list of paths of the root file system has."""

from __future__ import annotations

import struct

from generator.model import Expect, Fault, Part, Partition
from generator.reasons import reason

_KEY = "esp-random-seed"
_SEED = "/loader/random-seed"
_ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
_SECTOR, _FAT_SECTORS, _SECTORS = 512, 6, 2048


def part() -> Part:
    """Of whichever such partition a disk has; the fault brings one more, for it changes no other file system."""
    setting = f"hygiene.{_KEY}"
    expect = Expect(setting, setting, "image-esp", (_SEED,), "none", reason("hygiene", _KEY).breaks)
    story = f"{_SEED} was kept from the build on an EFI system partition"
    kept = Partition(_ESP, _SECTORS * _SECTOR >> 20, _file_system())
    return Part(expects=(expect,), faults=(Fault(f"{setting}.kept", setting, story, (kept,), frozenset({setting})),))


def _file_system() -> bytes:
    """A FAT12 of 1 MiB with this one file: its cluster 2 is the folder, and 3 the file."""
    boot = b"\xeb\x3c\x90nodebake" + struct.pack(
        "<HBHBHHBHHHIIBBBI11s8s", _SECTOR, 1, 1, 1, 16, _SECTORS, 0xF8, _FAT_SECTORS, 32, 2, 0, 0, 0x80, 0, 0x29, 0,
        b"ESP".ljust(11), b"FAT12".ljust(8),
    )  # fmt: skip
    fat = b"\xf8\xff\xff\xff\xff\xff"
    folder = (
        _entry(b".", 0x10, 2)
        + _entry(b"..", 0x10, 0)
        + _long("random-seed", b"RANDOM~1")
        + _entry(b"RANDOM~1", 0x20, 3, 32)
    )
    return b"".join(
        (
            boot.ljust(_SECTOR - 2, b"\0") + b"\x55\xaa",
            fat.ljust(_FAT_SECTORS * _SECTOR, b"\0"),
            _entry(b"LOADER", 0x10, 2).ljust(_SECTOR, b"\0"),
            folder.ljust(_SECTOR, b"\0"),
            b"0123456789abcdef" * 2,
        )
    )


def _entry(name: bytes, kind: int, cluster: int, size: int = 0) -> bytes:
    return struct.pack("<11sB14xHI", name.ljust(11), kind, cluster, size)


def _long(name: str, short: bytes) -> bytes:
    """The name as it is written, in the entry before the short one, which it is bound to by a sum of its letters."""
    total = 0
    for letter in short.ljust(11):
        total = ((total >> 1) + ((total & 1) << 7) + letter) & 0xFF
    text = f"{name}\0".encode("utf-16-le").ljust(26, b"\xff")
    return struct.pack("<B10sBBB12sH4s", 0x41, text[:10], 0x0F, 0, total, text[10:22], 0, text[22:])
