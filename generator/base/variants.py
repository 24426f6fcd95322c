"""Which bases there are of one distribution. They share their packages and differ in what is written here.

Two swap variants, since systemd-gpt-auto-generator leaves a swap partition alone as long as /etc/fstab names any swap
("swap specified in fstab, ignoring"): in `swap` the partition wakes at the boot after the fstab line has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SWAP_MIB = 64


@dataclass(frozen=True, slots=True)
class Variant:
    """`fstab` is added to the root file system's own line."""

    fstab: str = ""
    swap_file: bool = False
    swap_partition: bool = False


VARIANTS: Mapping[str, Variant] = {
    "stock": Variant(),
    "swap": Variant(fstab="/swapfile\tnone\tswap\tsw\t0\t0\n", swap_file=True, swap_partition=True),
    "swap-gpt": Variant(swap_partition=True),
}
