"""user-data on its way to a node: held against the node's cloud-init, and in the form that its cloud takes."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from generator import distro, errors, progress
from generator.cloudinit import keys, versions
from generator.formats import cloud_init
from generator.model import Artefact, Plan

if TYPE_CHECKING:
    from generator.targets import Delivered, Target

USER_DATA = "user-data"


def findings(plan: Plan, version: str | None) -> list[errors.Finding]:
    """What a cloud-init (None: that of the base) says of the keys of our documents.

    Raises a usage error for what is no version.
    """
    named = version_of(plan, version)
    content, source = cloud_init.content(plan), plan.profile.source
    ours = keys.find("user-data", content["user-data"], named, source)
    return [*ours, *keys.find("network-config", content["network-config"], named, source, _place_of_network(plan))]


def _place_of_network(plan: Plan) -> keys.Place:
    """A profile may have its network-config written out; ours stands nowhere."""
    if plan.profile.network is None:
        return lambda _path: (0, 0)
    return lambda path: plan.profile.place(("network", *path))


def version_of(plan: Plan, version: str | None) -> str:
    """The cloud-init that was named, or that of the plan's base. Raises a usage error for what is no version."""
    return distro.cloud_init(plan.distro.id) if version is None else versions.checked(version)


def accepted(plan: Plan, version: str | None) -> list[errors.Finding]:
    """What to warn of. Raises Refused for keys that this cloud-init does not know."""
    found = findings(plan, version)
    if any(finding.severity == "error" for finding in found):
        raise errors.Refused(found)
    return found


def deliver(
    plan: Plan, artefacts: tuple[Artefact, ...], name: str, version: str | None
) -> tuple[tuple[Artefact, ...], Callable[[str], None]]:
    """The artefacts with user-data as a target takes it, and what tells people about it, given its path.

    Raises TooLarge with what takes the space.
    """
    from generator import targets  # noqa: PLC0415 - 20 ms that `check` need not pay

    target = targets.load(name).for_guest(version_of(plan, version))
    content = next(artefact.content for artefact in artefacts if artefact.path == USER_DATA)
    made = _deliver(target, content)
    there = tuple(
        dataclasses.replace(artefact, content=made.content) if artefact.path == USER_DATA else artefact
        for artefact in artefacts
    )
    return there, lambda path: _tell(target, made, path)


def _deliver(target: Target, content: bytes) -> Delivered:
    from generator.targets import TooLarge, breakdown  # noqa: PLC0415

    try:
        return target.deliver(content)
    except TooLarge as error:
        raise TooLarge("\n".join((error.sentence, *breakdown.table(content))), error.hint) from None


def _tell(target: Target, made: Delivered, path: str) -> None:
    from generator.targets import sentences  # noqa: PLC0415

    for warning in (*made.warnings, *filter(None, [target.note])):
        progress.note(f"warning: {warning}")
    fits = sentences.of_limit(made.size, made.limit.size, made.limit.counted) if made.limit else ""
    progress.note(sentences.handed(target.title, made.form, fits, made.how.replace("FILE", shlex.quote(path))))
