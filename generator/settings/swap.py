"""No swap now, and nothing that turns it on at a boot.

Commenting the line out of /etc/fstab is not enough: where fstab names no swap, systemd's gpt-auto-generator turns on
every partition of the swap type it finds, so the generator and swap.target are masked as well.
"""

from __future__ import annotations

from generator.model import Edit, Expect, Fault, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("files", "packages")
GENERATOR = "/etc/systemd/system-generators/systemd-gpt-auto-generator"
TARGET = "/etc/systemd/system/swap.target"


def part(value: str, context: Context) -> Part:  # noqa: ARG001 - it needs to know nothing else
    """From the word `disabled`."""
    return Part(
        steps=(
            Step("mask swap.target and the generator of swap units", "swap", ("linked_to_null", TARGET, GENERATOR)),
            Step("turn swap off and take it out of /etc/fstab", "swap", ("swap_gone",), why=reason("swap", value).why),
        ),
        expects=_expects(),
        faults=_faults(),
    )


def _expects() -> tuple[Expect, ...]:
    breaks = reason("swap", "disabled").breaks
    return (
        Expect("swap.inactive", "swap", "no-swap", (), "no swap is on", breaks),
        Expect("swap.fstab", "swap", "no-fstab-swap", (), "no swap line in /etc/fstab", breaks),
        Expect("swap.target", "swap", "unit-load-state", ("swap.target",), "masked", breaks),
        Expect("swap.gpt-auto", "swap", "link", (GENERATOR,), "/dev/null", breaks),
    )


def _faults() -> tuple[Fault, ...]:
    fstab = b"LABEL=root / ext4 defaults 0 1\n/swapfile\tnone\tswap\tsw\t0\t0\n"
    return (
        Fault(
            "swap.fstab.line",
            "swap",
            "somebody adds a swap line to /etc/fstab",
            (Edit("/etc/fstab", fstab),),
            frozenset({"swap.fstab"}),
        ),
        Fault(
            "swap.target.unmasked", "swap", "swap.target is unmasked", (Edit(TARGET, None),), frozenset({"swap.target"})
        ),
        Fault(
            "swap.gpt-auto.unmasked",
            "swap",
            "the GPT generator is unmasked",
            (Edit(GENERATOR, None),),
            frozenset({"swap.gpt-auto"}),
        ),
        _native_unit(),
    )


def _native_unit() -> Fault:
    """A unit of its own in multi-user.target comes up although swap.target is masked."""
    unit = "[Swap]\nWhat=/swap.fault\n[Install]\nWantedBy=multi-user.target\n"
    return Fault(
        id="swap.native-unit",
        setting="swap",
        story="a native .swap unit hangs on multi-user.target",
        edits=(
            Edit("/swap.fault", swap_area(1 << 20)),
            Edit("/etc/systemd/system/swap.fault.swap", unit.encode()),
            Edit("/etc/systemd/system/multi-user.target.wants/swap.fault.swap", unit.encode()),
        ),
        red=frozenset({"swap.inactive"}),
    )


def swap_area(size: int) -> bytes:
    """A swap area as mkswap(8) makes it, of `size` bytes in pages of 4096; filled, so that it has no holes."""
    area = bytearray(b"\xff" * size)
    area[0:4096] = bytes(4096)
    area[1024:1032] = (1).to_bytes(4, "little") + (size // 4096 - 1).to_bytes(4, "little")  # version, last page
    area[4086:4096] = b"SWAPSPACE2"
    return bytes(area)
