"""One image on its way: its cell, its folder, and what its stages share."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from generator import base, checks, formats, layers, mirror
from generator.base import keys, lock, seen, sources, why
from generator.formats import observer
from generator.model import Artefact, Image
from generator.pipeline.cells import Cell
from generator.pipeline.document import Pipeline
from generator.pipeline.kept import Kept

PROFILE = "profile.yaml"
VERIFIED, PROVEN = "verify.json", "proof.json"
RESULTS: Mapping[str, tuple[str, ...]] = {  # of each stage that says what an image is worth
    "verify": (VERIFIED, "verify.xml", "verify.html"),
    "prove": (PROVEN, "prove.xml", "proof.md"),
}


@dataclass(frozen=True)
class Work:
    """`out` is the folder of all images, `guests` how many of a proof are booted side by side (None: as there is room).

    `reread`: every byte is read that is held against what is known. `fresh`: the image is baked anew in any case.
    `wait` for another that is at this image, and do not fail.
    """

    cell: Cell
    pipeline: Pipeline
    out: Path
    guests: int | None = None
    reread: bool = False
    fresh: bool = False
    wait: bool = False

    @property
    def folder(self) -> Path:
        return self.out / self.cell.id

    @property
    def image(self) -> Path:
        return self.folder / f"{self.cell.plan.profile.name}.qcow2"

    @property
    def kept(self) -> Kept:
        return Kept(self.folder)

    @functools.cached_property
    def artefacts(self) -> tuple[Artefact, ...]:
        """All that is rendered, and the profile itself."""
        plan = self.cell.plan
        made = (artefact for form in formats.stems().values() for artefact in form.artefacts(plan))
        return (*made, Artefact(PROFILE, self.cell.raw))

    @functools.cached_property
    def start(self) -> Image:
        """The base, which is made if need be."""
        profile = self.cell.plan.profile
        return base.obtain(profile.base, mirror=profile.mirror or _hosts_mirrors() or None)

    def looking(self) -> AbstractContextManager[None]:
        """For a look whether anything has changed."""
        return nullcontext() if self.reread else seen.trusted()

    def digest(self, name: str) -> str:
        """The sha256 of a file of this image's; "" where it is not there."""
        try:
            return seen.digest(self.folder / name)
        except OSError:
            return ""

    @property
    def lock_beside(self) -> Path | None:
        """The lock beside the profile, if there is one, of whatever base."""
        return lock.wanted(str(self.pipeline.path(self.cell.profile)), None, must=False)

    @functools.cached_property
    def lock(self) -> Path | None:
        """The lock beside the profile, as `build` holds it; not where the matrix has put another base in its place."""
        named, path = self.cell.plan.profile.base, self.lock_beside
        mine = path is not None and lock.read(path)[0].base == (named if isinstance(named, str) else named.told)
        return path if mine else None

    @functools.cached_property
    def rendered(self) -> str:
        """One sha256 of all that is rendered."""
        return keys.digest(repr([(one.path, one.mode, keys.digest(one.content)) for one in self.artefacts]))

    @functools.cached_property
    def baked_of(self) -> Mapping[str, str]:
        """All that determines the image, by the names that people know.

        The code of nodebake counts by its version here, by the files that bake (layers.py), and by what it renders.
        """
        plan = self.cell.plan
        return {
            **layers.parts(plan, self.start),
            "the packages layer": layers.begun(plan, self.start),
            "the checks of a build": observer.digest(observer.commands(checks.at_build(plan))),
            layers.MIRROR: mirror.key(plan),
            "the lock": keys.digest(self.lock.read_bytes()) if self.lock else "none",
            why.PROFILE: plan.profile.digest,
        }


@functools.cache
def _hosts_mirrors() -> str:
    """Those of this host's apt, asked once for all images; nothing where others are named, or one of them is not known.

    base/sources.py asks anew for each base, which takes some tenths of a second.
    """
    both = ("", "") if os.environ.get("NODEBAKE_MIRROR") else sources.hosts()
    return " ".join(both) if all(both) else ""
