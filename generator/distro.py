"""distros/<id>.yaml -> Distro. All that differs between distributions is data in those files."""

from __future__ import annotations

import functools

import yaml

from generator import data
from generator.model import Containerd, Distro

DEFAULT = "debian-13"


def known() -> tuple[str, ...]:
    """The ids of the distributions there are facts about, sorted."""
    return tuple(sorted(path.stem for path in data.DISTROS.glob("*.yaml")))


@functools.cache
def load(distro_id: str) -> Distro:
    """The facts about one distribution. `distro_id` has been checked against `known()` by the schema."""
    raw = yaml.safe_load((data.DISTROS / f"{distro_id}.yaml").read_text(encoding="utf-8"))
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    runtime = Containerd(**raw["containerd"])
    return Distro(id=distro_id, **{**raw, **lists, "containerd": runtime})
