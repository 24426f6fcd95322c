"""A node that forwards IPv6 and has its default route from a router's advertisements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context
from generator.settings.sysctl.written import written

_PATH = re.compile(r"net/ipv6/conf/([^/]+)/(forwarding|accept_ra)")


def find(context: Context) -> Iterator[Found]:
    """At accept_ra = 1, which is to say "from whoever advertises, but not while I forward"."""
    rows = [(line, match[1], match[2]) for line in written(context) if (match := _PATH.fullmatch(line.name))]
    forwarding = {name for line, name, what in rows if what == "forwarding" and line.value != "0"}
    for line, name, what in rows:
        if what == "accept_ra" and line.value == "1" and forwarding & {"all", name}:
            yield Found(line.path, line.said(between.advertisements_ignored(name)))
