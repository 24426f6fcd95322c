"""The reverse path filter and Cilium."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from generator import sysctl_conf
from generator.crosschecks import Found
from generator.facts import needs
from generator.sentences import between
from generator.settings import Context, kubernetes

_PATH = re.compile(r"net/ipv4/conf/([^/]+)/rp_filter")
_STRICT, _LOOSE = "1", "2"


def find(context: Context) -> Iterator[Found]:
    """At the parameter, where the CNI wants the filter off.

    An interface is filtered by the larger of its own value and that of `all`; `default` is what new ones begin with. On
    the CNI's interfaces the loose mode drops its packets, too (cilium 10645); on others the strict one may.
    """
    wanted = _off(context)
    for key, value in context.profile.settings.get("sysctl", {}).items() if wanted else ():
        match = _PATH.fullmatch(sysctl_conf.proc_path(key))
        if match is None:
            continue
        of_cni = any(fnmatch.fnmatchcase(match[1], name) for name in wanted)
        if str(value) == _STRICT or (str(value) == _LOOSE and of_cni):
            yield Found(("sysctl", key), between.reverse_path_filtered(value, match[1]))


def _off(context: Context) -> set[str]:
    """The interfaces, as globs, on which the combination wants no filter."""
    chosen = kubernetes.chosen(context.profile)
    keys = [key for need in needs.of(chosen) for key in need.sysctl] if chosen else []
    return {match[1] for key in keys if (match := _PATH.fullmatch(sysctl_conf.proc_path(key)))}
