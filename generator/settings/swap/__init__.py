"""No swap, or swap of one size for the kubelet's LimitedSwap; and in both, none that anybody else turns on.

Commenting a line out of /etc/fstab is not enough: where fstab names no swap, systemd's gpt-auto-generator turns on
every partition of the swap type. Masking swap.target is not: a unit may hang on any other, and services call swapon(8)
themselves. So all units of the kind swap get a condition that is never true, and what comes on all the same goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.model import Implied, Part
from generator.settings import Context
from generator.settings.swap import disabled, limited

AFTER = ("files", "packages", "modules")


def part(value: str | dict[str, Any], context: Context) -> Part:
    """From the word `disabled`, or from what limited swap is. Refuses a size that is out of bounds."""
    return disabled.part(context) if isinstance(value, str) else limited.part(value, context)


def implies(value: str | dict[str, Any], context: Context) -> Iterable[Implied]:  # noqa: ARG001
    """Compressed swap needs its module."""
    if not isinstance(value, str) and value.get("device") == "zram":
        yield Implied("modules", "zram", None, "swap.device", "swap is a compressed area in memory")
