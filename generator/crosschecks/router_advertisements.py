"""A node that forwards IPv6 and has its default route from a router's advertisements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import sysctl_conf
from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context

_PATH = re.compile(r"net/ipv6/conf/([^/]+)/(forwarding|accept_ra)")


def find(context: Context) -> Iterator[Found]:
    """At accept_ra = 1, which is to say "from whoever advertises, but not while I forward"."""
    rows = [
        (key, match[1], match[2], str(value))
        for key, value in context.profile.settings.get("sysctl", {}).items()
        if (match := _PATH.fullmatch(sysctl_conf.proc_path(key)))
    ]
    forwarding = {name for _, name, what, value in rows if what == "forwarding" and value != "0"}
    for key, name, what, value in rows:
        if what == "accept_ra" and value == "1" and forwarding & {"all", name}:
            yield Found(("sysctl", key), between.advertisements_ignored(name))
