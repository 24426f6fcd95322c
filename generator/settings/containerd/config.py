"""config.toml as data: what the distribution's file says, and the fields of the setting in their places.

All in one file. Until 2.0 a second one (`imports`) replaces a section of the first instead of adding to it (containerd
issue 5837, pull request 9982): with Debian 12's 1.6.20 a drop-in that says only SystemdCgroup loses bin_dir, with
Debian 13's 1.7.24 a second drop-in, whatever it says, puts SystemdCgroup back to false.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator import data, render
from generator.model import Profile
from generator.reasons import reason

PATH = "/etc/containerd/config.toml"
DEFAULTS: Mapping[str, Any] = {
    "SystemdCgroup": True,
    "snapshotter": "overlayfs",
    "runtime_type": "io.containerd.runc.v2",  # no field of the setting, but one that the file has to repeat
}
_PLACES = Path(__file__).with_name("places.yaml")

Config = Mapping[str, Any]
Place = tuple[str, ...]


def of(distribution: Config, fields: Mapping[str, Any]) -> Config:
    """The distribution's config with the fields in it."""
    config = copy.deepcopy(dict(distribution))
    for field, value in fields.items():
        *tables, key = places(distribution)[field]
        table = config
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = value
    return config


def fields(config: Config) -> Iterator[tuple[str, Place, Any]]:
    """Each field that a config has: its name, its place, its value."""
    for field, place in places(config).items():
        found = functools.reduce(lambda table, key: table.get(key, {}), place, config)
        if found != {}:
            yield field, place, found


def places(config: Config) -> Mapping[str, Place]:
    """Where this version of the file has each field."""
    return _places()[config["version"]]


@functools.cache
def _places() -> Mapping[int, Mapping[str, Place]]:
    raw = data.rows(_PLACES)
    return {version: {field: tuple(place) for field, place in rows.items()} for version, rows in raw.items()}


def text(config: Config, profile: Profile) -> bytes:
    """The file."""
    rows = [(field, reason("containerd", field).why) for field, _, _ in fields(config)]
    return render.template(
        "containerd/config.toml.j2", header=render.header(profile), rows=rows, config=config
    ).encode()


def words(value: Any) -> str:  # noqa: ANN401 - a scalar of TOML
    """A value as a person reads it in the file: true, overlayfs."""
    return str(value).lower() if isinstance(value, bool) else str(value)
