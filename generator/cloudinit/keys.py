"""keys.yaml: what a cloud-init of some version makes of the keys of a document."""

from __future__ import annotations

import difflib
import functools
import pathlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from generator import data, positions
from generator.cloudinit import sentences
from generator.cloudinit.versions import NEWEST, OLDEST, parse
from generator.errors import Finding
from generator.sentences import Words

DOCUMENTS = ("user-data", "network-config")
_OWN = "*"
Path = tuple[str | int, ...]
Place = Callable[[Path], tuple[int, int]]


def _nowhere(_path: Path) -> tuple[int, int]:
    return 0, 0


@dataclass(frozen=True, slots=True)
class Change:
    """A key that not every version knows, or that some call deprecated. "" is where there is no such version."""

    source: str
    since: str = ""
    deprecated: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """`known` are the keys of a place that every version has, `changed` are rows by the path of their key."""

    known: Mapping[str, frozenset[str]]
    changed: Mapping[str, Change]
    own: frozenset[str]  # places whose keys are names of one's own


@functools.cache
def load(document: str) -> Keys:
    """What is known of one of DOCUMENTS."""
    rows = data.rows(pathlib.Path(__file__).with_name("keys.yaml"))[document]
    changed = {path: Change(**{"source": rows["source"], **row}) for path, row in rows["changed"].items()}
    own = frozenset(path.partition(f".{_OWN}")[0] for path in changed if f".{_OWN}" in path)
    return Keys({place: frozenset(keys) for place, keys in rows["known"].items()}, changed, own)


def find(document: str, content: object, version: str, source: str, place: Place = _nowhere) -> list[Finding]:
    """What a cloud-init of this version says of the keys of user-data or network-config: errors and warnings.

    `content` is the document as data; `source` is the profile that it is made from, and `place` says where in it the
    key at a path stands (line and column from 1, 0 where it does not).
    """
    keys = load(document)
    found = []
    for path, where in _paths(content, keys.own):
        told = _told(keys, path, version)
        if told is not None:
            severity, words = told
            found.append(
                Finding(source, *place(where), f"{document}: {positions.pretty(where)}", *words, severity=severity)
            )
    return found


def _paths(content: object, own: frozenset[str], path: str = "", where: Path = ()) -> Iterator[tuple[str, Path]]:
    """Every key of a document: its path as in keys.yaml, and as it stands there."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            name = _OWN if path in own else str(key)
            below = (f"{path}.{name}".lstrip("."), (*where, str(key)))
            yield below
            yield from _paths(value, own, *below)
    elif isinstance(content, (list, tuple)):
        for number, value in enumerate(content):
            yield from _paths(value, own, f"{path}[]", (*where, number))


def _told(keys: Keys, path: str, version: str) -> tuple[Literal["error", "warning"], Words] | None:
    change = keys.changed.get(path)
    if change is not None:
        return _changed(change, version)
    place, _, key = path.rpartition(".")
    known = keys.known.get(place)
    if known is None or key in known:
        return None
    return "error", sentences.unknown(difflib.get_close_matches(key, sorted(known), 1), OLDEST, NEWEST)


def _changed(change: Change, version: str) -> tuple[Literal["error", "warning"], Words] | None:
    if change.since and parse(version) < parse(change.since):
        return "error", sentences.not_yet(change.since, version)
    if change.deprecated and parse(version) >= parse(change.deprecated):
        return "warning", sentences.deprecated(change.deprecated, change.instead)
    return None
