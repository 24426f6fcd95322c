"""What swap a file asks for that a profile lays: by its path, as whoever reads it at a boot will."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from generator import foreign
from generator.checks import swap as reading
from generator.settings.swap import others

_UNIT = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/system/(?:[^/]+/)?([^/]+\.swap)")
_ZRAM = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/zram-generator\.conf(?:\.d/[^/]+\.conf)?")
_CLOUD_INIT = re.compile(r"/etc/cloud/cloud\.cfg(?:\.d/[^/]+\.cfg)?")
_INITRAMFS = re.compile(r"/etc/initramfs-tools/(?:initramfs\.conf|conf\.d/[^/]+)")
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


def _of_cloud_init(text: str) -> Iterator[str]:
    """cc_mounts: a swap file of its own, and mounts as in fstab. What is no YAML is cloud-init's to complain of."""
    config = foreign.mapping(text)
    swap = config.get("swap")
    if isinstance(swap, dict) and swap.get("size") not in (None, 0, "0"):
        yield f"swap of {swap['size']}"
    mounts = config.get("mounts")
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, list) and len(mount) > 2 and mount[2] == "swap":
            yield str(mount[0])


def _arguments(path: str, text: str) -> Iterator[str]:
    """Of the kernel, in a file of a boot loader; systemd reads - and _ in their names alike."""
    row = others.sources()["kernel_arguments"]
    if any(fnmatch.fnmatchcase(path, place) for place in row["files"]):
        names = "|".join(re.escape(name).replace(r"\-", "[-_]").replace("_", "[-_]") for name in row["names"])
        for line in text.splitlines():
            if not line.lstrip().startswith("#"):
                yield from (found[1] for found in re.finditer(rf"(?:^|[=\s\"'])((?:{names})=[^\s\"']*)", line))


def _options(path: str, text: str) -> Iterator[str]:
    for row in others.sources()["options"]:
        if path == row["file"]:
            values = re.findall(rf"(?m)^[ \t]*{re.escape(row['key'])}=(\S*)", text)
            yield from (f"{row['key']}={value}" for value in values if value != row["off"])
