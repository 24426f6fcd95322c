"""Units that a setting needs, which an empty file of the profile masks: systemd.unit(5)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, files, kubernetes

_FOLDER = "/etc/systemd/system"
_OF_SETTINGS = {
    "sysctl": "systemd-sysctl.service",
    "modules": "systemd-modules-load.service",
    "kubelet": "kubelet.service",
}


def find(context: Context) -> Iterator[Found]:
    """At the content. `services: {UNIT: masked}` is found where the setting is."""
    settings = context.profile.settings
    needed = {unit: "services" for unit, state in settings.get("services", {}).items() if state == "enabled"}
    needed |= {unit: stem for stem, unit in _OF_SETTINGS.items() if stem in settings}
    needed |= {"swap.target": "swap"} if kubernetes.swap_mode(context.profile) == "limited" else {}
    for index, file in enumerate(settings.get("files", ())):
        folder, unit = posixpath.split(file["path"])
        if folder == _FOLDER and unit in needed and not files.text(file):
            yield Found(("files", index, "content"), between.masked_by_a_file(unit, needed[unit]))
