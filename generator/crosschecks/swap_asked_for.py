"""Swap that the profile itself asks for, beside a setting that keeps it off, or keeps it to one area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks import swap as reading
from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, files
from generator.settings.swap import others

_UNIT = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/system/(?:[^/]+/)?([^/]+\.swap)")
_ZRAM = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/zram-generator\.conf(?:\.d/[^/]+\.conf)?")


def find(context: Context) -> Iterator[Found]:
    """At the file, the unit or the package."""
    if "swap" not in context.profile.settings:
        return
    for index, file in enumerate(context.profile.settings.get("files", ())):
        if asked := _asked(file):
            yield Found(("files", index, "path"), between.swap_in_a_file(file["path"], asked))
    for unit, state in context.profile.settings.get("services", {}).items():
        if (state == "enabled" and unit.endswith(".swap")) or (state != "masked" and unit in _masked(context)):
            yield Found(("services", unit), between.swap_by_a_unit(unit, state))
    for index, package in enumerate(context.profile.settings.get("packages", ())):
        if package.partition("=")[0] in others.sources()["packages"]:
            yield Found(("packages", index), between.swap_by_a_package(package))


def _asked(file: dict[str, Any]) -> str:
    """What swap a file asks for, in words; "" where it asks for none."""
    if file["path"] == "/etc/fstab":
        return ", ".join(reading.fstab(files.text(file)))
    if unit := _UNIT.fullmatch(file["path"]):
        return unit[1]
    return "a compressed area in memory" if _ZRAM.fullmatch(file["path"]) and files.text(file).strip() else ""


def _masked(context: Context) -> set[str]:
    """The units that `swap` masks."""
    target = {"swap.target"} if context.profile.settings["swap"] == "disabled" else set()
    return {*others.sources()["services"], *target}
