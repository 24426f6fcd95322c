"""A node of Kubernetes that forwards, but not on some interfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, kubernetes
from generator.settings.sysctl.written import written

_PATH = re.compile(r"net/ipv[46]/conf/([^/]+)/forwarding")


def find(context: Context) -> Iterator[Found]:
    """At the interface, or at `default`, as which those of pods begin. It may be meant so: a warning.

    A name that is set beats `all` where it is written after it, and ip_forward still reads 1.
    """
    if kubernetes.chosen(context.profile) is None:
        return
    for line in written(context):
        match = _PATH.fullmatch(line.name)
        origin = context.profile.origins.get((str(line.path[0]), str(line.path[1])))
        told = origin is not None and bool(origin.overruled)
        if match and match[1] != "all" and line.value == "0" and not told:
            yield Found(line.path, line.said(between.forwards_in_part(match[1])), warning=True)
