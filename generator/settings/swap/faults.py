"""Swap that is on, whatever the profile says: by whom, and what of the profile no longer holds it back."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from generator import render
from generator.model import Amend, Edit, Fault, Partition
from generator.settings.swap.others import DROP_IN, GUARD_UNIT, TARGET, UNITS, masks

AREA = "/swap.fault"
_PAGE, _MAGIC = 4096, b"SWAPSPACE2"
_UNIT = "swap.fault.swap"  # systemd-escape --path --suffix=swap /swap.fault
_ON = "nodebake-fault.service"
# A device that a slow host's udev is late with is not waited for, and its swap stays off without a word.
_PATIENCE = Edit("/etc/systemd/system.conf.d/zz-fault.conf", b"[Manager]\nDefaultDeviceTimeoutSec=15min\n")
_SWAP_TYPE = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"  # Discoverable Partitions Specification
# What a hardening script or a hand that "cleans up" takes away: after that, any source does its work.
_UNHELD = (Edit(f"{UNITS}/swap.d/{DROP_IN}", None), Edit(f"{UNITS}/{GUARD_UNIT}", None), Edit(TARGET, None))


def turned_on(*red: str) -> Fault:
    """Swap is turned on after the guard has looked, and its unit is exempt."""
    story = "a service turns swap on, and an empty drop-in exempts its unit"
    return _after_the_guard("swap.turned-on", story, f"/sbin/swapon {AREA}", red)


def asked_for(*red: str) -> Fault:
    """Nothing is on, until somebody calls `swapon -a`: an agent of a cloud, an administrator."""
    story = "a service adds a swap line to /etc/fstab at every boot, and an empty drop-in exempts its unit"
    return _after_the_guard("swap.asked-for", story, f"/bin/sh -c 'echo {AREA} none swap sw 0 0 >>/etc/fstab'", red)


def _after_the_guard(name: str, story: str, command: str, red: Iterable[str]) -> Fault:
    service = f"[Unit]\nAfter={GUARD_UNIT}\n[Service]\nType=oneshot\nExecStart={command}\n"
    exempt = Edit(f"{UNITS}/{_UNIT}.d/{DROP_IN}", b"# exempt\n")
    edits = (_file(), exempt, Edit(f"{UNITS}/{_ON}", service.encode()), _wanted(_ON))
    return Fault(name, "swap", story, edits, frozenset(red))


def unheld(*red: str) -> Iterator[Fault]:
    """What every node may have, when nothing of the profile holds it back; `red` is what then says that swap is on."""
    yield _unheld("by-fstab", "fstab", f"/etc/fstab has a line for {AREA}", red, _file(), _line("sw\t0\t0"))
    yield _unheld("by-short-fstab", "fstab", f"/etc/fstab has a short line for {AREA}", red, _file(), _line(""))
    unit = Edit(f"{UNITS}/{_UNIT}", f"[Swap]\nWhat={AREA}\n".encode())
    yield _unheld("by-unit", "", f"multi-user.target wants {_UNIT}", red, _file(), unit, _wanted(_UNIT))


def unmasked(*red: str) -> Iterator[Fault]:
    """And by generators that the profile had masked."""
    gpt_auto, zram = masks()[0][:2]
    partition = Partition(_SWAP_TYPE, 16, _head(16 << 20))
    story = "the disk has a partition of the swap type, and its generator is unmasked"
    yield _unheld("by-gpt-type", "generators", story, red, partition, Edit(gpt_auto, None), _PATIENCE)
    # The package is not on every image: a script does what zram-generator 1.2 does with such a file.
    stands_in = Edit(
        f"/usr/lib{zram.removeprefix('/etc')}", render.raw("swap/faults/zram-generator.sh").encode(), "0755"
    )
    config = Edit("/etc/systemd/zram-generator.conf", b"[zram0]\nzram-size = 16\n")
    story = "zram-generator has a configuration, and is unmasked"
    yield _unheld("by-zram-generator", "generators", story, red, stands_in, config, Edit(zram, None), _PATIENCE)


def _unheld(name: str, own: str, story: str, red: Iterable[str], *edits: Edit | Partition) -> Fault:
    gone = ("units", "guard-unit", "guard", *([own] if own else []))
    reds = frozenset({*red, *(f"swap.{one}" for one in gone)})
    told = f"{story}; nodebake's guard and its condition for swap units are gone"
    return Fault(f"swap.{name}", "swap", told, (*edits, *_UNHELD), reds)


def _file() -> Edit:
    return Edit(AREA, swap_area(1 << 20), "0600")


def _line(rest: str) -> Edit:
    """At the end of fstab(5), whatever else it has."""
    line = f"{AREA}\tnone\tswap\t{rest}".rstrip()
    return Edit("/etc/fstab", None, amend=Amend(lines=((r"\A([\s\S]*?)\n?\Z", rf"\1\n{line}\n"),)))


def _wanted(unit: str) -> Edit:
    return Edit(f"{UNITS}/multi-user.target.wants/{unit}", None, link=f"../{unit}")


@functools.cache
def swap_area(size: int) -> bytes:
    """A swap area as mkswap(8) makes it, of `size` bytes in pages of 4096; filled, so that it has no holes."""
    return _head(size).ljust(size, b"\xff")


def _head(size: int) -> bytes:
    """Its first page."""
    head = bytearray(_PAGE)
    head[1024:1032] = (1).to_bytes(4, "little") + (size // _PAGE - 1).to_bytes(4, "little")  # version, last page
    head[_PAGE - len(_MAGIC) :] = _MAGIC
    return bytes(head)
