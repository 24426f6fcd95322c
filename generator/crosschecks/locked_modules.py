"""kernel.modules_disabled: a node on which no module can be loaded any more."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context
from generator.settings.sysctl.written import written

_PATH = "kernel/modules_disabled"


def find(context: Context) -> Iterator[Found]:
    """At the parameter, whatever its value: the kernel takes no other than 1."""
    for line in written(context):
        if line.name == _PATH:
            yield Found(line.path, line.said(between.modules_locked()))
