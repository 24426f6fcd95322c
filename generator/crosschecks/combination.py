"""A combination of version, CNI, kube-proxy and swap that does not work, or of which nothing is known."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import conflicts, versions
from generator.sentences import between
from generator.settings import Context, kubernetes


def find(context: Context) -> Iterator[Found]:
    """At the key that is at fault."""
    chosen = kubernetes.chosen(context.profile)
    if chosen is None:
        return
    oldest, newest = versions.oldest(), versions.newest()
    if not oldest <= chosen.version <= newest:
        words = between.version_unknown(str(chosen.version), str(oldest), str(newest))
        yield Found(("kubernetes", "version"), words, warning=chosen.version > newest)
    if chosen.version < oldest:
        return
    for conflict in conflicts.of(chosen):
        at = ("kubernetes", conflict.at)
        path = at if at in context.profile.marks or conflict.at not in context.profile.settings else (conflict.at,)
        yield Found(path, (conflict.reason, conflict.remedy), conflict.warning)
