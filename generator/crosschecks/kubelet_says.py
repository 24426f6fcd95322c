"""What kubelet is told by the profile's own files, units and words, against what its setting tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import foreign
from generator.crosschecks import Found
from generator.sentences import kubernetes as sentences
from generator.settings import Context, files, kubernetes
from generator.settings.kubelet import config

_READ = re.compile(rf"{re.escape(config.FOLDER)}/[^/]+\.conf")


def find(context: Context) -> Iterator[Found]:
    """At the driver, the unit, or the content of the file. What limited swap wants is kubelet_swap's to say."""
    value = context.profile.settings.get("kubelet")
    if value is None:
        return
    driver = value.get("cgroupDriver", config.driver(context))
    if driver != config.driver(context):
        yield Found(("kubelet", "cgroupDriver"), sentences.other_driver(driver, config.driver(context)))
    if config.UNIT in context.profile.settings.get("services", {}):
        yield Found(("services", config.UNIT), sentences.unit_by_kubelet(config.UNIT))
    for index, file in enumerate(context.profile.settings.get("files", ())):
        if _READ.fullmatch(file["path"]) and file["path"] > config.CONFIG:
            for said, wanted in _otherwise(files.text(file), context):
                words = sentences.says_otherwise(file["path"], said, wanted)
                yield Found(("files", index, "content"), words)


def _otherwise(text: str, context: Context) -> Iterator[tuple[str, str]]:
    """kubelet merges these files by their names; those before the setting's own do not count."""
    said, limited = foreign.mapping(text), kubernetes.swap_mode(context.profile) == "limited"
    for field, wanted in config.fields(context).items():
        if said.get(field, wanted) != wanted and not (limited and field == "failSwapOn"):
            yield f"{field}: {_word(said[field])}", _word(wanted)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
