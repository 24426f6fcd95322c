"""kernel.modules_disabled: a node on which no module can be loaded any more."""

from __future__ import annotations

from collections.abc import Iterator

from generator import sysctl_conf
from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context

_PATH = "kernel/modules_disabled"


def find(context: Context) -> Iterator[Found]:
    """At the parameter, whatever its value: the kernel takes no other than 1."""
    for key in context.profile.settings.get("sysctl", {}):
        if sysctl_conf.proc_path(key) == _PATH:
            yield Found(("sysctl", key), between.modules_locked())
