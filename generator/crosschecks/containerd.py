"""A profile that sets containerd up and stops it, or has another package of it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, packages

# Docker's own package (its control file: Conflicts: containerd), and what brings it.
_RIVALS = ("containerd.io", "docker-ce")


def find(context: Context) -> Iterator[Found]:
    """At the unit, or the package."""
    if "containerd" not in context.profile.settings:
        return
    unit = context.distro.containerd.unit
    state = context.profile.settings.get("services", {}).get(unit, "enabled")
    if state != "enabled":
        yield Found(("services", unit), between.containerd_stopped(unit, state))
    for index, package in enumerate(context.profile.settings.get("packages", ())):
        if packages.same(package) in _RIVALS:
            yield Found(("packages", index), between.containerd_of_docker(package, context.distro.containerd.package))
