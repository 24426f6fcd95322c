"""Modules of old guides that kernels have no longer."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import modules
from generator.sentences import between
from generator.settings import Context


def find(context: Context) -> Iterator[Found]:
    """At the module: nothing could load it."""
    for index, name in enumerate(context.profile.settings.get("modules", ())):
        gone = modules.gone(name)
        if gone is not None:
            yield Found(("modules", index), between.module_gone(name, gone.since, gone.instead))
