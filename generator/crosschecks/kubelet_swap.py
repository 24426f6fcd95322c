"""Limited swap, and a configuration of kubelet in the profile's own files that says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import foreign
from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, files, kubernetes
from generator.settings.swap import limited

_DROP_IN = re.compile(r"/etc/kubernetes/kubelet\.conf\.d/[^/]+\.conf")


def find(context: Context) -> Iterator[Found]:
    """At the content. kubelet merges these files by their names; those before the setting's own do not count."""
    if kubernetes.swap_mode(context.profile) != "limited":
        return
    for index, file in enumerate(context.profile.settings.get("files", ())):
        if _DROP_IN.fullmatch(file["path"]) and file["path"] > limited.CONFIG:
            for said, wanted in _otherwise(files.text(file)):
                yield Found(("files", index, "content"), between.kubelet_says_otherwise(file["path"], said, wanted))


def _otherwise(text: str) -> Iterator[tuple[str, str]]:
    """What a KubeletConfiguration says, and what limited swap wants. What is no YAML is kubelet's to complain of."""
    config = foreign.mapping(text)
    if config.get("failSwapOn") is True:
        yield "failSwapOn: true", "false"
    memory = config.get("memorySwap")
    behavior = memory.get("swapBehavior", "") if isinstance(memory, dict) else ""
    if behavior not in ("", "LimitedSwap"):
        yield f"swapBehavior: {behavior}", "LimitedSwap"
