"""Which bases there are of one distribution. They share its packages and differ in what is written here.

Two swap variants, since systemd-gpt-auto-generator leaves a swap partition alone as long as /etc/fstab names any swap
("swap specified in fstab, ignoring"): in `swap` the partition wakes at the boot after the fstab line has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SWAP_MIB = 64


@dataclass(frozen=True, slots=True)
class Variant:
    """What a base has beyond the distribution's own.

    `fstab` is added to the root file system's own line, `areas` are swap files with their sizes in MiB, `files` (path,
    text) and `links` (path, target) are laid over what the packages brought. A text that begins with #! can be run.
    """

    name: str
    fstab: str = ""
    areas: tuple[tuple[str, int], ...] = ()
    swap_partition: bool = False
    packages: tuple[str, ...] = ()
    kernel_args: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


VARIANTS: Mapping[str, Variant] = {
    kind.name: kind
    for kind in (
        Variant("stock"),
        Variant(
            "swap",
            fstab="/swapfile\tnone\tswap\tsw\t0\t0\n",
            areas=(("/swapfile", SWAP_MIB),),
            swap_partition=True,
        ),
        Variant("swap-gpt", swap_partition=True),
    )
}
