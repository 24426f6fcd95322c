"""A node that forwards IPv6 and has its default route from a router's advertisements."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator

from generator import sysctl_conf
from generator.crosschecks import Found
from generator.facts import needs
from generator.sentences import between
from generator.settings import Context, files, kubernetes
from generator.settings.sysctl.written import Written, written

_PATH = re.compile(r"net/ipv6/conf/([^/]+)/(forwarding|accept_ra)")
_NETWORKD = re.compile(r"(?:/etc|/usr/local/lib|/usr/lib|/lib)/systemd/network/[^/]+\.network(?:\.d/[^/]+\.conf)?")
_TAKES = re.compile(r"(?m)^[ \t]*IPv6AcceptRA[ \t]*=")

Rows = dict[str, Written]  # by the interface: its name, a glob in a file, `all` or `default`


def find(context: Context) -> Iterator[Found]:
    """At accept_ra = 1, which is to say "from whoever advertises, but not while I forward"; and at what helps nobody.

    The kernel reads an interface's own accept_ra: what `all` has is for none, and `default` is what each begins with.
    """
    accepted, forwarding = _of("accept_ra", context), _of("forwarding", context)
    forwards = [name for name, line in forwarding.items() if line.value != "0"]
    for name, line in accepted.items():
        at = _forwarding(name, forwards, accepted) if name != "all" and line.value == "1" else ""
        if at:  # on one that only began as `default`, nobody may advertise: on a bridge of pods, for example
            yield Found(line.path, line.said(between.advertisements_ignored(at)), warning=at != name)
    if "all" not in forwards:
        return
    if "all" in accepted and accepted["all"].value != "0":
        line = accepted["all"]
        yield Found(line.path, line.said(between.advertisements_of_all()), warning=True)
    elif context.profile.whole and not (accepted.keys() - {"all"} or _cared_for(context)):
        line = forwarding["all"]
        yield Found(line.path, line.said(between.advertisements_forgotten()), warning=True)


def _of(what: str, context: Context) -> Rows:
    """The last word on one of the two, for each interface that has one."""
    matches = ((line, _PATH.fullmatch(line.name)) for line in written(context))
    return {match[1]: line for line, match in matches if match and match[2] == what}


def _forwarding(name: str, forwards: Iterable[str], accepted: Rows) -> str:
    """An interface that forwards and has this accept_ra, its own or the one that it began with; "" for none."""
    for one in forwards:
        if one == "all" or fnmatch.fnmatchcase(one, name) or fnmatch.fnmatchcase(name, one):
            return name
        if name == "default" and not any(fnmatch.fnmatchcase(one, other) for other in accepted):
            return one
    return ""


def _cared_for(context: Context) -> bool:
    """Whether the preset sets accept_ra of the uplink, or a file tells systemd-networkd, which takes them itself."""
    chosen = kubernetes.chosen(context.profile)
    keys = (key for need in needs.of(chosen) for key in need.sysctl) if chosen else ()
    if any((match := _PATH.fullmatch(sysctl_conf.proc_path(key))) and match[2] == "accept_ra" for key in keys):
        return True
    laid = context.profile.settings.get("files", ())
    return any(_NETWORKD.fullmatch(file["path"]) and _TAKES.search(files.text(file)) for file in laid)
