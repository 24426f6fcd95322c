"""What swap a file asks for that a profile lays: by its path, as whoever reads it at a boot will."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from generator import foreign
from generator.checks import swap as reading
from generator.settings.swap import others

_UNIT = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/system/(?:[^/]+/)?([^/]+\.swap)")
_ZRAM = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/zram-generator\.conf(?:\.d/[^/]+\.conf)?")
_CLOUD_INIT = re.compile(r"/etc/cloud/cloud\.cfg(?:\.d/[^/]+\.cfg)?")
_INITRAMFS = re.compile(r"/etc/initramfs-tools/(?:initramfs\.conf|conf\.d/[^/]+)")
# Without a word, or with one of these, it only lists what is on.
_CALL = re.compile(r"^(?!\s*[#;]).*(?<![\w.-])swapon(?![\w.-])(?!\s*(?:$|[|;&)`]|-s\b|--s|-V\b|--version|-h\b|--help))")
_RESUME = re.compile(r"(?m)^[ \t]*RESUME=[\"']?([^\s\"']+)")


def of(path: str, text: str) -> str:
    """In words; "" where it asks for none."""
    if unit := _UNIT.fullmatch(path):
        return unit[1]
    if path == "/etc/fstab":
        return ", ".join(reading.fstab(text))
    if _ZRAM.fullmatch(path):
        return "a compressed area in memory" if text.strip() else ""
    if _CLOUD_INIT.fullmatch(path):
        return ", ".join(_of_cloud_init(text))
    if _INITRAMFS.fullmatch(path):
        return ", ".join(f"RESUME={device}" for device in _RESUME.findall(text) if device != "none")
    return ", ".join((*_arguments(path, text), *_options(path, text)))


def called(path: str, text: str) -> int:
    """The first line that calls swapon where a boot runs it, but not only to list what is on; 0 for none."""
    if not any(fnmatch.fnmatchcase(path, place) for place in others.sources()["scripts"]):
        return 0
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if _CALL.search(line)), 0)


def _of_cloud_init(text: str) -> Iterator[str]:
    """What is no YAML is cloud-init's to complain of."""
    config = foreign.mapping(text)
    yield from (*_of_mounts(config), *_of_disks(config))


def _of_mounts(config: Mapping[str, Any]) -> Iterator[str]:
    """cc_mounts: a swap file of its own, and mounts as in fstab."""
    swap = config.get("swap")
    if isinstance(swap, dict) and swap.get("size") not in (None, 0, "0"):
        yield f"swap of {swap['size']}"
    mounts = config.get("mounts")
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, list) and len(mount) > 2 and mount[2] == "swap":
            yield str(mount[0])


def _of_disks(config: Mapping[str, Any]) -> Iterator[str]:
    """cc_disk_setup: swap areas that it makes, and partitions of the swap type, [size, type] in a layout."""
    made = config.get("fs_setup")
    for row in made if isinstance(made, list) else ():
        if isinstance(row, dict) and row.get("filesystem") == "swap":
            yield f"fs_setup of {row.get('device')}"
    disks = config.get("disk_setup")
    for disk, row in disks.items() if isinstance(disks, dict) else ():
        layout = row.get("layout") if isinstance(row, dict) else None
        kinds = [part[1] for part in layout if _typed(part)] if isinstance(layout, list) else []
        if any(str(kind).lower() in others.sources()["disk_types"] for kind in kinds):
            yield f"disk_setup of {disk}"


def _typed(part: object) -> TypeGuard[list[object]]:
    return isinstance(part, list) and len(part) > 1


def _arguments(path: str, text: str) -> Iterator[str]:
    """Of the kernel, in a file of a boot loader."""
    row = others.sources()["kernel_arguments"]
    if any(fnmatch.fnmatchcase(path, place) for place in row["files"]):
        wanted: dict[str, str] = {**dict.fromkeys(row["names"], "*"), **row["of_values"]}
        for line in text.splitlines():
            if not line.lstrip().startswith("#"):
                yield from _of_a_line(line, wanted)


def _of_a_line(line: str, wanted: Mapping[str, str]) -> Iterator[str]:
    """systemd reads - and _ in names alike. A variable may be one argument: GRUB_CMDLINE_LINUX=resume=/dev/vda2."""
    for name, pattern in wanted.items():
        spelled = re.escape(name).replace(r"\-", "[-_]").replace("_", "[-_]")
        words = re.findall(rf"(?:^|[\s\"'=])({spelled}=([^\s\"']*))", line)
        yield from (word for word, value in words if fnmatch.fnmatchcase(value, pattern))


def _options(path: str, text: str) -> Iterator[str]:
    for row in others.sources()["options"]:
        if path == row["file"]:
            values = re.findall(rf"(?m)^[ \t]*{re.escape(row['key'])}=(\S*)", text)
            yield from (f"{row['key']}={value}" for value in values if value != row["off"])
