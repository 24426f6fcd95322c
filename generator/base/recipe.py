"""All that determines one base image, but for the packages themselves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from generator.base.sources import Source
from generator.base.variants import Variant
from generator.model import Distro


@dataclass(frozen=True, slots=True)
class Recipe:
    """`epoch` (seconds since 1970) is the time of everything on the disk, `seed` is where its identifiers come from."""

    distro: Distro
    variant: Variant
    sources: tuple[Source, ...]
    epoch: int
    seed: uuid.UUID

    def ident(self, what: str) -> uuid.UUID:
        """The identifier of something on the disk: the same one for the same recipe."""
        return uuid.uuid5(self.seed, what)
