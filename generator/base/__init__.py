"""Where base images come from: built from Debian packages, or fetched and verified."""

from __future__ import annotations

from generator import distro
from generator.base import build, fetch
from generator.base.variants import Variant
from generator.model import BasePin, Image
from generator.sentences import bases


def obtain(
    base: str | BasePin, *, variant: str | Variant = "stock", refresh: bool = False, mirror: str | None = None
) -> Image:
    """A bootable qcow2 image that stands by itself, from the cache if its bytes are what they were, else made.

    `base` is a distribution's id or a pinned address. `variant`, a name or one of your own (see variants.py), is for
    the former, as is `mirror` (see sources.py). `refresh` makes it anew. Raises ToolError where a tool or the network
    fails, and with exit code 2 where an image is refused, or there are only facts of its distribution.
    """
    named = base.distro if isinstance(base, BasePin) else base
    if named in distro.by_facts():
        raise bases.not_built(named, distro.known())
    if isinstance(base, BasePin):
        return fetch.obtain(base, refresh=refresh)
    return build.obtain(base, variant, mirror, refresh=refresh)
