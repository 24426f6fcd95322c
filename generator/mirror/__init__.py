"""What a bake brings from this host into its guest for Kubernetes: a copy of a signed repository, and container images.

All of it is looked at before anything boots: who signed the repository, that it has the version, that every file is
what its list vouches for. In the guest apt looks once more, by the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator import errors, regular
from generator.errors import Finding
from generator.mirror import repository
from generator.model import Plan
from generator.positions import Path as Place
from generator.positions import pretty
from generator.sentences import Words
from generator.sentences import kubernetes as sentences
from generator.settings import Context
from generator.settings.kubelet import source

_LARGEST = 16 << 30  # bytes of an archive of images: it has to fit into the guest
_MIRROR: Place = ("kubelet", "repository", "mirror")


def bring(plan: Plan, upload: Path) -> dict[str, str]:
    """Lay what the profile names below `upload`; returns what the manifest shall say of it.

    Raises Refused where it is not what the profile says, ToolError where gpgv is missing.
    """
    told = bring_packages(plan, upload)
    for number, image in enumerate(plan.profile.settings.get("kubelet", {}).get("images", ())):
        _image(plan, number, image, upload / "images" / f"{number}.tar")
    return told


def bring_packages(plan: Plan, upload: Path) -> dict[str, str]:
    """The copy of the repository alone, as `bring` lays it."""
    value = plan.profile.settings.get("kubelet", {})
    return _repository(plan, value, upload) if value.get("repository", {}).get("mirror") else {}


def key(plan: Plan) -> str:
    """What stands for all that the mirror has: the sha256 of its InRelease.

    "none" where the profile names no mirror, or where there is no InRelease, of which `bring` tells.
    """
    value = plan.profile.settings.get("kubelet", {})
    folder = value.get("repository", {}).get("mirror")
    path = Path(folder) / repository.RELEASE if folder else None
    return hashlib.sha256(path.read_bytes()).hexdigest() if path and path.is_file() else "none"


def _repository(plan: Plan, value: Mapping[str, Any], upload: Path) -> dict[str, str]:
    context = Context(plan.profile, plan.distro)
    found = source.repository(value, context)
    wanted = repository.Wanted(
        Path(found.mirror), found.fingerprint, source.names(value), source.version(value, context)
    )
    try:
        sha256 = repository.copy(wanted, upload / "mirror")
    except repository.Unfit as unfit:
        raise _refused(plan, _MIRROR, unfit.words) from None
    return {"kubernetes_inrelease_sha256": sha256}


def _image(plan: Plan, number: int, image: Mapping[str, str], to: Path) -> None:
    place: Place = ("kubelet", "images", number)
    to.parent.mkdir(exist_ok=True)
    try:
        sha256 = regular.copy(image["archive"], to, _LARGEST)
    except OSError as error:
        words = sentences.image_unreadable(image["archive"], error.strerror or "it is no file")
        raise _refused(plan, (*place, "archive"), words) from None
    if sha256 != image["sha256"]:
        raise _refused(plan, (*place, "sha256"), sentences.image_other_bytes(image["archive"], sha256))


def _refused(plan: Plan, place: Place, words: Words) -> errors.Refused:
    return errors.Refused([Finding(plan.profile.source, *plan.profile.place(place), pretty(place), *words)])
