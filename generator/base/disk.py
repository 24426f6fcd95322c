"""The disk of a base: where its partitions lie, and the image made of them."""

from __future__ import annotations

from pathlib import Path

from generator import proc
from generator.base import boot, gpt, namespace, swap, tree
from generator.base.gpt import MIB, Partition
from generator.base.recipe import Recipe
from generator.base.variants import SWAP_MIB, Variant
from generator.model import Distro

_HERE = Path(__file__).resolve().parent
_ESP_MIB = 64


def layout(distro: Distro, variant: Variant) -> tuple[Partition, ...]:
    """Root is number 1, as on Debian's own cloud images, and lies last, so that it can grow with its disk."""
    parts = [
        Partition(14, "bios", "21686148-6449-6e6f-744e-656564454649", 1, 1),
        Partition(15, "esp", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", 2, _ESP_MIB),
    ]
    if variant.swap_partition:
        parts.append(Partition(13, "swap", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", 2 + _ESP_MIB, SWAP_MIB))
    start = parts[-1].start + parts[-1].size
    return *parts, Partition(1, "root", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", start, distro.size_mib)


def make(stage: Path, recipe: Recipe, packages: Path) -> Path:
    """Make a raw disk in `stage` of packages.tar and overlay.tar. It is written in place, never mounted."""
    parts = {part.name: part for part in layout(recipe.distro, recipe.variant)}
    root = parts["root"]
    disk = stage / "disk.raw"
    size = (root.start + root.size + 1) * MIB  # the last MiB is the second partition table's
    with disk.open("wb") as file:
        file.truncate(size)
    env = {"SOURCE_DATE_EPOCH": str(recipe.epoch), "MKE2FS_CONFIG": str(_HERE / "mke2fs.conf")}
    ident = recipe.ident("root file system")
    words = [stage, packages, stage / "overlay.tar", disk, root.offset, root.size * 1024, ident, tree.LABEL]
    proc.run([*namespace.prefix(), "sh", str(_HERE / "rootfs.sh"), *map(str, words)], env=env)
    with disk.open("r+b") as file:
        boot.bios(file, stage, parts["bios"])
        boot.uefi(file, stage, parts["esp"], env)
        if "swap" in parts:
            file.seek(parts["swap"].offset)
            file.write(swap.header(SWAP_MIB * MIB, recipe.ident("swap partition")))
        gpt.write(file, size, list(parts.values()), recipe.ident("disk"))
    return disk
