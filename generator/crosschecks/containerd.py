"""A profile that sets containerd up and stops it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context


def find(context: Context) -> Iterator[Found]:
    """At the unit."""
    unit = context.distro.containerd.unit
    state = context.profile.settings.get("services", {}).get(unit, "enabled")
    if "containerd" in context.profile.settings and state != "enabled":
        yield Found(("services", unit), between.containerd_stopped(unit, state))
