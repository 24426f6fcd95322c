"""Kernel parameters, and values of them, that are not to be had without a module that nothing loads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import sysctl_conf
from generator.crosschecks import Found
from generator.facts import modules
from generator.model import Profile
from generator.sentences import between
from generator.settings import Context, files

_LISTS = re.compile(r"(/etc|/usr/lib|/usr/local/lib|/lib)/modules-load\.d/[^/]+\.conf|/etc/modules")


def find(context: Context) -> Iterator[Found]:
    """At the parameter: systemd-sysctl passes over a key that is not there, and whoever loads the module resets it."""
    if not context.profile.whole:
        return  # what is left out may be what loads them
    loaded = _loaded(context.profile)
    for key, value in context.profile.settings.get("sysctl", {}).items():
        plain = sysctl_conf.proc_path(key).replace("/", ".")
        module = modules.bringing(plain, value)
        if module and module not in loaded:
            yield Found(("sysctl", key), between.module_absent(module))


def _loaded(profile: Profile) -> set[str]:
    """The modules that the profile loads at boot: by its list, or by a file of its own."""
    named = list(profile.settings.get("modules", ()))
    for file in profile.settings.get("files", ()):
        if _LISTS.fullmatch(file["path"]):
            named += [line.strip() for line in files.text(file).splitlines()]
    return {modules.plain(name) for name in named}
