"""distros/<id>.yaml -> Distro. All that differs between distributions is data in those files.

Those are what this project builds and boots. Of others there are facts alone (facts/bases.yaml): enough to render for
them, as far as the facts reach.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

from generator import data
from generator.facts import bases
from generator.facts.bases import Base
from generator.model import Containerd, Distro

DEFAULT = "debian-13"
APT = "apt"  # by which nodebake installs, and no other


def known() -> tuple[str, ...]:
    """The ids of the distributions that this project builds and boots, sorted."""
    return tuple(sorted(path.stem for path in data.DISTROS.glob("*.yaml")))


def by_facts() -> tuple[str, ...]:
    """The ids of the bases of which there are facts alone, as they are listed."""
    return tuple(bases.known())


def booted(distro_id: str) -> bool:
    """Whether this project builds and boots it; else there are facts alone."""
    return distro_id not in bases.known()


def manager(distro_id: str) -> str:
    """What installs packages there. As what follows, it is no part of what names a base."""
    return str(_fact(distro_id, "manager") or APT)


def modules_absent(distro_id: str) -> Mapping[str, str]:
    """Kernel modules that an image by others is known to lack, and the package that brings each."""
    return _fact(distro_id, "modules_absent") or {}


def _fact(distro_id: str, key: str) -> Any:  # noqa: ANN401 - each fact has its own type
    return None if booted(distro_id) else bases.known()[distro_id].value(key)


@functools.cache
def _read(distro_id: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = data.rows(data.DISTROS / f"{distro_id}.yaml")
    return read


def cloud_init(distro_id: str) -> str:
    """The version of cloud-init that a base carries, at least. No base is made from it: it is no part of its name."""
    if distro_id in bases.known():
        base = bases.known()[distro_id]
        return cloud_init(base.like) if base.like else str(base.value("cloud_init"))
    return str(_read(distro_id)["cloud_init"])


@functools.cache
def load(distro_id: str) -> Distro:
    """The facts about one distribution. `distro_id` has been checked by the schema."""
    if distro_id in bases.known():
        return _by_facts(bases.known()[distro_id])
    raw = {key: value for key, value in _read(distro_id).items() if key != "cloud_init"}
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    runtime = Containerd(**raw["containerd"])
    fields: dict[str, Any] = {**raw, **lists, "containerd": runtime}
    return Distro(id=distro_id, **fields)


def _by_facts(base: Base) -> Distro:
    """As far as is known. /etc/sysctl.conf counts as read at a boot where nobody says that it is not."""
    if base.like:
        return dataclasses.replace(load(base.like), id=base.id, title=base.title, packages=())
    programs = base.value("programs")  # mount(8) and nsenter(1) are util-linux's, which is everywhere
    read = {} if base.value("sysctl_conf") is False else {"/etc/sysctl.d/99-sysctl.conf": "../sysctl.conf"}
    return Distro(
        id=base.id,
        title=base.title,
        suite="",
        packages=(),
        kernel_args=(),
        size_mib=0,
        programs=programs,
        required=(programs["mount"], programs["nsenter"]),
        built_in=(),
        loaded=(),
        containerd=Containerd("", "", {}),
        links={"/lib": "usr/lib", **read},
    )
