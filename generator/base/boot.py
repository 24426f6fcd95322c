"""GRUB on a disk image, for BIOS and for UEFI, put in place without a loop device, a mount or grub-install."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from generator import errors, proc
from generator.base.gpt import MIB, SECTOR, Partition

_GRUB = Path("/usr/lib/grub")
_PREFIX = "(,gpt1)/boot/grub"  # the partition on whatever disk the firmware started from
_MODULES = (
    "part_gpt",
    "ext2",
    "fat",
    "normal",
    "configfile",
    "linux",
    "serial",
    "terminal",
    "echo",
    "test",
    "all_video",
)
_BOOT_CODE = 440  # bytes of boot.img that go into the MBR; the rest is the disk's own
_KERNEL_SECTOR = 0x5C  # GRUB_BOOT_MACHINE_KERNEL_SECTOR in grub's include/grub/i386/pc/boot.h
_FIRST_BLOCK = SECTOR - 12  # core.img's first block list, GRUB_BOOT_MACHINE_LIST_SIZE (12) from its first sector's end


def _core(stage: Path, platform: str, package: str, extra: tuple[str, ...] = ()) -> Path:
    """GRUB itself with all the modules that grub.cfg uses, so that the disk needs no folder of them."""
    if not (_GRUB / platform / "moddep.lst").exists():
        raise errors.tool_missing(f"GRUB for {platform}", package)
    made = stage / platform
    proc.run(["grub-mkimage", "-O", platform, "-o", made, "-p", _PREFIX, *_MODULES, *extra])
    return made


def bios(disk: BinaryIO, stage: Path, partition: Partition) -> None:
    """Put GRUB into the MBR and a BIOS boot partition.

    grub-mkimage's files have the sector numbers of an MBR disk, where core.img follows at sector 1. Here it begins at
    the partition, so both pointers to it are set, as grub-bios-setup does (util/setup.c).
    """
    core = bytearray(_core(stage, "i386-pc", "grub-pc-bin", ("biosdisk",)).read_bytes())
    boot = bytearray((_GRUB / "i386-pc" / "boot.img").read_bytes())
    first = partition.offset // SECTOR
    struct.pack_into("<Q", boot, _KERNEL_SECTOR, first)
    struct.pack_into("<Q", core, _FIRST_BLOCK, first + 1)
    disk.seek(0)
    disk.write(boot[:_BOOT_CODE])
    disk.seek(partition.offset)
    disk.write(core)


def uefi(disk: BinaryIO, stage: Path, partition: Partition, env: Mapping[str, str]) -> None:
    """Put GRUB into an EFI system partition, under the name that firmware tries when it knows of no other."""
    grub = _core(stage, "x86_64-efi", "grub-efi-amd64-bin")
    esp = stage / "esp"
    with esp.open("wb") as file:
        file.truncate(partition.size * MIB)
    proc.run(["mkfs.vfat", "--invariant", "-F", "32", "-s", "1", "-n", "ESP", esp])
    proc.run(["mmd", "-i", esp, "::/EFI", "::/EFI/BOOT"], env=env)
    proc.run(["mcopy", "-i", esp, grub, "::/EFI/BOOT/BOOTX64.EFI"], env=env)
    _copy(esp, disk, partition.offset)


def _copy(source: Path, disk: BinaryIO, offset: int) -> None:
    """Copy into the disk, leaving holes where there is nothing."""
    with source.open("rb") as file:
        for chunk in iter(lambda: file.read(MIB), b""):
            if chunk.count(0) != len(chunk):
                disk.seek(offset)
                disk.write(chunk)
            offset += len(chunk)
