"""Kernel parameters, and values of them, that are not to be had without a module that nothing loads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import modules
from generator.model import Profile
from generator.sentences import between
from generator.settings import Context, files
from generator.settings.sysctl.written import written

_LISTS = re.compile(r"(/etc|/usr/lib|/usr/local/lib|/lib)/modules-load\.d/[^/]+\.conf|/etc/modules")


def find(context: Context) -> Iterator[Found]:
    """At the parameter: systemd-sysctl passes over a key that is not there, and whoever loads the module resets it."""
    if not context.profile.whole:
        return  # what is left out may be what loads them
    loaded = _loaded(context.profile)
    for line in written(context):
        module = modules.bringing(line.name.replace("/", "."), line.value)
        if module and module not in loaded and not line.may_fail:
            yield Found(line.path, line.said(between.module_absent(module)))


def _loaded(profile: Profile) -> frozenset[str]:
    """The modules that the profile loads at boot: by its list, or by a file of its own, and those that they need."""
    named = list(profile.settings.get("modules", ()))
    for file in profile.settings.get("files", ()):
        if _LISTS.fullmatch(file["path"]):
            named += [line.strip() for line in files.text(file).splitlines()]
    return modules.with_needed(named)
