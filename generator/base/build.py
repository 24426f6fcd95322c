"""A base made of Debian packages: one packages.tar, and a disk image of it for each variant."""

from __future__ import annotations

import dataclasses
import functools
import uuid
from pathlib import Path

from generator import distro as distros
from generator import proc, progress
from generator.base import archive, cache, disk, keys, packages, sources, tree
from generator.base.recipe import Recipe
from generator.base.variants import VARIANTS, Variant
from generator.model import Image

_IMAGE = "base.qcow2"
_HERE = Path(__file__).resolve().parent
_NAMES = ("boot.py", "build.py", "disk.py", "gpt.py", "mke2fs.conf", "recipe.py", "rootfs.sh", "swap.py", "tree.py")
_RECIPE = tuple(_HERE / name for name in _NAMES)
_SEED = uuid.UUID("5b5c1f4e-3c1b-4f7e-9d0e-6f6e6f646562")


def obtain(distro_id: str, variant: str | Variant, mirror: str | None, *, refresh: bool) -> Image:
    """The image of one variant of a distribution, from the cache or built. Raises ToolError where a tool fails.

    `refresh` installs the packages anew; the image follows, as its name comes from their bytes.
    """
    kind = variant if isinstance(variant, Variant) else VARIANTS[variant]
    facts = distros.load(distro_id)
    facts = dataclasses.replace(facts, packages=(*facts.packages, *kind.packages))
    where = sources.of(facts, mirror)
    with progress.task(f"base image {distro_id}" + ("" if kind.name == "stock" else f" ({kind.name})")) as task:
        installed = packages.obtain(task, facts, where, refresh=refresh)
        key = keys.key(_RECIPE, facts, kind, where, installed.sha256)
        epoch = int((installed.folder / packages.EPOCH).read_text(encoding="utf-8"))
        recipe = Recipe(facts, kind, where, epoch, uuid.uuid5(_SEED, key))
        make = functools.partial(_make, task, recipe, installed.folder)
        entry = cache.obtain(f"{distro_id}-{kind.name}-{key}", make)
    return Image(entry.folder / _IMAGE, entry.sha256[_IMAGE])


def _make(task: progress.Task, recipe: Recipe, installed: Path, stage: Path) -> None:
    """Fill `stage` with the image, the list of its packages, and where they came from."""
    task.say("making the disk")
    tree.write(stage / "overlay.tar", recipe)
    raw = disk.make(stage, recipe, installed / packages.TAR)
    task.say("packing the image")
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, stage / _IMAGE])
    for path in stage.iterdir():
        if path.name != _IMAGE:
            path.unlink()
    for name in (packages.LIST, archive.PACKAGES, archive.RELEASES):
        (stage / name).write_bytes((installed / name).read_bytes())
