"""A combination of version, CNI, kube-proxy and swap that does not work, or of which nothing is known."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import conflicts, versions
from generator.facts.choice import Choice
from generator.sentences import between
from generator.settings import Context, kubernetes


def find(context: Context) -> Iterator[Found]:
    """At the key that is at fault."""
    chosen = kubernetes.chosen(context.profile) or _of_kubelet(context)
    if chosen is None:
        return
    oldest, newest = versions.oldest(), versions.newest()
    if not oldest <= chosen.version <= newest:
        words = between.version_unknown(str(chosen.version), str(oldest), str(newest))
        stem = "kubernetes" if "kubernetes" in context.profile.settings else "kubelet"
        yield Found((stem, "version"), words, warning=chosen.version > newest)
    if chosen.version < oldest:
        return
    for conflict in conflicts.of(chosen):
        at = ("kubernetes", conflict.at)
        path = at if at in context.profile.marks or conflict.at not in context.profile.settings else (conflict.at,)
        yield Found(path, (conflict.reason, conflict.remedy), conflict.warning)


def _of_kubelet(context: Context) -> Choice | None:
    """Where kubelet is installed without the preset: its version and the swap, with no word of CNI and kube-proxy."""
    version = versions.of_node(context.profile.settings)
    if version is None or version < versions.oldest():
        return None  # one that is too old is kubelet_packages' to refuse
    return Choice(version, cni="", swap=kubernetes.swap_mode(context.profile))
