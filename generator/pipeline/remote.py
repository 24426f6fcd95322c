"""Images at a URL: which folder holds is said by one put, and no folder is ever used twice.

Each attempt has a folder of its own, named by the parcel's key, by when it began, and by chance: so that of two runs
at one image neither removes what the other is about to name. What was killed is swept after a day.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from generator import errors, progress
from generator.pipeline import parcel, sentences
from generator.pipeline.parcel import PUBLISHED, Parcel
from generator.sentences import clusters

if TYPE_CHECKING:
    from generator.fleet.cluster.places import Place

_FOLDER = re.compile(r"[0-9a-f]{16}(?:-(?P<began>[0-9]{10,})-[0-9a-f]{8})?")
_WHERE = {"folder": "", "before": ""}  # what is of an attempt, and not of what it put there
_DAY = 24 * 60 * 60  # seconds: no attempt takes longer


def is_at(place: Place, cell: str, wanted: Parcel, *, reread: bool) -> bool:
    """Whether a parcel is there: by the sizes of its files, and to `reread`, by their bytes."""
    found = _read(place, cell)
    if found is None or {**found, **_WHERE} != {**wanted.document, **_WHERE}:
        return False
    folder = str(found.get("folder", ""))
    if not _FOLDER.fullmatch(folder) or not all(_sized(place, f"{cell}/{folder}", wanted)):
        return False
    digests = wanted.document["files"].items() if reread else ()
    return all(place.digest(f"{cell}/{folder}/{name}") == digest for name, digest in digests)


def _sized(place: Place, folder: str, wanted: Parcel) -> Iterator[bool]:
    for name, path in wanted.files.items():
        yield place.size(f"{folder}/{name}") == path.stat().st_size


def _read(place: Place, cell: str) -> Any:  # noqa: ANN401 - JSON
    """What is said to be there; None where nothing is."""
    content = place.read(f"{cell}/{PUBLISHED}")
    try:
        found = None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        found = {}
    if found is not None and (not isinstance(found, dict) or found.get("cell") != cell):
        raise sentences.not_ours(clusters.place(f"{place.url}/{cell}/{PUBLISHED}"))
    return found


def put(place: Place, cell: str, wanted: Parcel) -> None:
    """Put the files there, then say so, then remove what nobody names any more."""
    before = _read(place, cell) or {}
    folder = f"{wanted.key}-{int(time.time()):010}-{secrets.token_hex(4)}"
    _fill(place, f"{cell}/{folder}", wanted)
    last = str(before.get("folder", ""))
    place.write(f"{cell}/{PUBLISHED}", parcel.text({**wanted.document, "folder": folder, "before": last}))
    for old in (last, str(before.get("before", ""))):  # and what a killed run has left of the one before that
        if _FOLDER.fullmatch(old):
            _remove(place, f"{cell}/{old}")
    _sweep(place, cell)


def _fill(place: Place, folder: str, wanted: Parcel) -> None:
    """All or nothing, unless we are killed; what was put there is looked for once more before anybody is told of it."""
    try:
        for name in wanted.files:
            place.put(f"{folder}/{name}", wanted.pieces(name))
        if not all(_sized(place, folder, wanted)):
            raise sentences.lost(clusters.place(f"{place.url}/{folder}"))
    except BaseException:
        _remove(place, folder)
        raise


def _sweep(place: Place, cell: str) -> None:
    """Remove what killed attempts have left. What published.json names holds, however long it took."""
    try:
        named = str((_read(place, cell) or {}).get("folder", ""))
        dead = [name for name in place.names(cell) if name != named and _is_dead(name)]
    except errors.NodebakeError as error:  # what was asked for is there
        progress.note(f"{cell}: {error.sentence}")
        return
    for name in dead:
        _remove(place, f"{cell}/{name}")


def _is_dead(name: str) -> bool:
    ours = _FOLDER.fullmatch(name)
    return ours is not None and ours["began"] is not None and int(ours["began"]) < time.time() - _DAY


def _remove(place: Place, folder: str) -> None:
    try:
        place.remove(folder)
    except errors.ToolError as error:  # it is only left over
        progress.note(f"{folder}: {error.sentence}")
