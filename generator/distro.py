"""distros/<id>.yaml -> Distro. All that differs between distributions is data in those files."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from generator import data
from generator.model import Containerd, Distro

DEFAULT = "debian-13"


def known() -> tuple[str, ...]:
    """The ids of the distributions there are facts about, sorted."""
    return tuple(sorted(path.stem for path in data.DISTROS.glob("*.yaml")))


@functools.cache
def _read(distro_id: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = data.rows(data.DISTROS / f"{distro_id}.yaml")
    return read


def cloud_init(distro_id: str) -> str:
    """The version of cloud-init that a base carries. No base is made from it, so it is no part of what names one."""
    return str(_read(distro_id)["cloud_init"])


@functools.cache
def load(distro_id: str) -> Distro:
    """The facts about one distribution. `distro_id` has been checked against `known()` by the schema."""
    raw = {key: value for key, value in _read(distro_id).items() if key != "cloud_init"}
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    runtime = Containerd(**raw["containerd"])
    fields: dict[str, Any] = {**raw, **lists, "containerd": runtime}
    return Distro(id=distro_id, **fields)
