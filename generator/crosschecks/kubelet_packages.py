"""Kubernetes' own packages, and what else the profile says of versions, of the runtime and of these packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import versions
from generator.sentences import kubernetes as sentences
from generator.settings import Context, packages
from generator.settings.kubelet import config, source

_MINOR = re.compile(r"/v?(1[.][0-9]{1,2})(?:[./]|$)")
_OURS = ("kubelet", "kubernetes-cni", *source.TOOLS)


def find(context: Context) -> Iterator[Found]:
    """At the version, at the setting, or at the package."""
    value = context.profile.settings.get("kubelet")
    if value is None:
        return
    if "containerd" not in context.profile.settings:
        yield Found(("kubelet",), sentences.no_runtime())
    for index, entry in enumerate(context.profile.settings.get("packages", ())):
        if packages.same(entry) in _OURS:
            yield Found(("packages", index), sentences.package_by_kubelet(packages.same(entry)))
    if source.version(value, context):
        yield from _versions(value, context)


def _versions(value: source.Value, context: Context) -> Iterator[Found]:
    version, said = source.version(value, context), context.profile.settings.get("kubernetes", {}).get("version", "")
    if said and f"{version}.".removeprefix(f"{said}.") == f"{version}.":
        yield Found(("kubelet", "version"), sentences.other_version(version, said))
    minor = versions.parse(version)
    if minor < config.OLDEST:
        yield Found(("kubelet", "version"), sentences.version_too_old(version, str(config.OLDEST)))
    url = value.get("repository", {}).get("url", "")
    if (named := _MINOR.search(url)) and named[1] != str(minor):
        yield Found(("kubelet", "repository", "url"), sentences.other_minor(url, named[1], version))
