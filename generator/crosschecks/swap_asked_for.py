"""Swap that the profile itself asks for, beside a setting that keeps it off, or keeps it to one area."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, files, packages
from generator.settings.swap import asked, limited, others


def find(context: Context) -> Iterator[Found]:
    """At the file, the unit or the package."""
    if "swap" not in context.profile.settings:
        return
    yield from _by_files(context)
    for unit, state in context.profile.settings.get("services", {}).items():
        if (state == "enabled" and unit.endswith(".swap")) or (state != "masked" and unit in _masked(context)):
            yield Found(("services", unit), between.swap_by_a_unit(unit, state))
    for index, package in enumerate(context.profile.settings.get("packages", ())):
        if packages.same(package) in others.sources()["packages"]:
            yield Found(("packages", index), between.swap_by_a_package(package))


def _by_files(context: Context) -> Iterator[Found]:
    """What a script calls may not come to that, so it is only a warning."""
    for index, file in enumerate(context.profile.settings.get("files", ())):
        path, text = file["path"], files.text(file)
        if found := asked.of(path, text):
            yield Found(("files", index, "path"), between.swap_in_a_file(path, found))
        if line := asked.called(path, text):
            yield Found(("files", index, "content"), between.swap_by_a_script(f"{path}:{line}"), warning=True)


def _masked(context: Context) -> set[str]:
    """The units that `swap` masks, or takes away."""
    own = {"swap.target", limited.UNIT} if context.profile.settings["swap"] == "disabled" else set()
    return {*others.sources()["services"], *own}
