"""Swap that is on, or asked for, whatever the profile says: the ways that are left."""

from __future__ import annotations

from generator.model import Edit, Fault
from generator.settings.swap.others import DROP_IN, GUARD_UNIT, UNITS

_AREA = "/swap.fault"


def turned_on(*red: str) -> Fault:
    """Swap is turned on after the guard has looked, and its unit is exempt."""
    story = "a service turns swap on, and an empty drop-in exempts its unit"
    return _after_the_guard("swap.turned-on", story, f"/sbin/swapon {_AREA}", red)


def asked_for(*red: str) -> Fault:
    """Nothing is on, until somebody calls `swapon -a`: an agent of a cloud, an administrator."""
    story = "a service adds a swap line to /etc/fstab at every boot, and an empty drop-in exempts its unit"
    line = f"{_AREA} none swap sw 0 0"
    return _after_the_guard("swap.asked-for", story, f"/bin/sh -c 'echo {line} >>/etc/fstab'", red)


def _after_the_guard(name: str, story: str, command: str, red: tuple[str, ...]) -> Fault:
    unit = f"""\
[Unit]
After={GUARD_UNIT}
[Service]
Type=oneshot
ExecStart={command}
"""
    return Fault(
        id=name,
        setting="swap",
        story=story,
        edits=(
            Edit(_AREA, swap_area(1 << 20)),
            Edit(f"{UNITS}/swap.fault.swap.d/{DROP_IN}", b"# exempt\n"),
            Edit(f"{UNITS}/nodebake-fault.service", unit.encode()),
            Edit(f"{UNITS}/multi-user.target.d/fault.conf", b"[Unit]\nWants=nodebake-fault.service\n"),
        ),
        red=frozenset(red),
    )


def swap_area(size: int) -> bytes:
    """A swap area as mkswap(8) makes it, of `size` bytes in pages of 4096; filled, so that it has no holes."""
    area = bytearray(b"\xff" * size)
    area[0:4096] = bytes(4096)
    area[1024:1032] = (1).to_bytes(4, "little") + (size // 4096 - 1).to_bytes(4, "little")  # version, last page
    area[4086:4096] = b"SWAPSPACE2"
    return bytes(area)
