"""Swap that is on, whatever the profile says: the way that is left."""

from __future__ import annotations

from generator.model import Edit, Fault
from generator.settings.swap.others import DROP_IN, GUARD_UNIT, UNITS


def turned_on(red: str) -> Fault:
    """Swap is turned on after the guard has looked, and its unit is exempt."""
    unit = f"""\
[Unit]
After={GUARD_UNIT}
[Service]
Type=oneshot
ExecStart=/sbin/swapon /swap.fault
"""
    return Fault(
        id="swap.turned-on",
        setting="swap",
        story="a service turns swap on, and an empty drop-in exempts its unit",
        edits=(
            Edit("/swap.fault", swap_area(1 << 20)),
            Edit(f"{UNITS}/swap.fault.swap.d/{DROP_IN}", b"# exempt\n"),
            Edit(f"{UNITS}/nodebake-fault.service", unit.encode()),
            Edit(f"{UNITS}/multi-user.target.d/fault.conf", b"[Unit]\nWants=nodebake-fault.service\n"),
        ),
        red=frozenset({red}),
    )


def swap_area(size: int) -> bytes:
    """A swap area as mkswap(8) makes it, of `size` bytes in pages of 4096; filled, so that it has no holes."""
    area = bytearray(b"\xff" * size)
    area[0:4096] = bytes(4096)
    area[1024:1032] = (1).to_bytes(4, "little") + (size // 4096 - 1).to_bytes(4, "little")  # version, last page
    area[4086:4096] = b"SWAPSPACE2"
    return bytes(area)
