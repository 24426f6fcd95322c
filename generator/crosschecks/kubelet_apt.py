"""What the profile's own files tell apt of Kubernetes' packages, beside the repository and the pin of the setting."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import Any

from generator import dpkg
from generator.crosschecks import Found
from generator.sentences import Words
from generator.sentences import kubernetes as sentences
from generator.settings import Context, files
from generator.settings.kubelet import source

_SOURCES = re.compile(r"/etc/apt/(?:sources\.list|sources\.list\.d/[\w.-]+\.(?:list|sources))")
_PINS = re.compile(r"/etc/apt/(?:preferences|preferences\.d/[\w-]+(?:\.pref)?)")  # apt_preferences(5): of no other name
# The community's, as it is and as it was; pkgs.k8s.io has those of CRI-O, too.
_KNOWN = re.compile(
    r"https?://(?:pkgs\.k8s\.io/core:|download\.opensuse\.org/repositories/isv:/kubernetes:/core:"
    r"|apt\.kubernetes\.io|packages\.cloud\.google\.com/apt\S* kubernetes-)\S*"
)


def find(context: Context) -> Iterator[Found]:
    """At the content."""
    value = context.profile.settings.get("kubelet")
    if value is None or not source.version(value, context):
        return
    for index, file in enumerate(context.profile.settings.get("files", ())):
        for words in _words(file, value, context):
            yield Found(("files", index, "content"), words)


def _words(file: dict[str, Any], value: source.Value, context: Context) -> Iterator[Words]:
    path = file["path"]
    lines = [line for line in files.text(file).split("\n") if not line.lstrip().startswith("#")]
    if _SOURCES.fullmatch(path) and (address := _address("\n".join(lines), source.repository(value, context).url)):
        yield sentences.other_source(path, address)
    if _PINS.fullmatch(path):
        for package in _pinned("\n".join(lines), source.names(value)):
            yield sentences.other_pin(path, package)


def _address(text: str, own: str) -> str:
    """The first address of Kubernetes' packages in a list of sources."""
    found = _KNOWN.search(text) or re.search(rf"{re.escape(own.rstrip('/'))}/?(?=\s|$)", text)
    return found[0] if found else ""


def _pinned(text: str, names: tuple[str, ...]) -> Iterator[str]:
    """Those that records name. One of `*` yields to the setting's, which names them."""
    words = [word for record in dpkg.paragraphs(text) for word in record.get("Package", "").split() if word != "*"]
    yield from (name for name in names if any(_fits(name, word) for word in words))


def _fits(name: str, word: str) -> bool:
    if word.startswith("/") and word.endswith("/"):
        try:
            return re.search(word[1:-1], name) is not None
        except re.error:
            return False
    return fnmatch.fnmatchcase(name, word.partition(":")[0])
