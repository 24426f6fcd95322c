"""Where proven images go. At every moment the old one is there, or the new one, whole.

A folder, of this machine or one that it has mounted:

    <to>/<cell>/              exchanged for the one before in one step; published.json has the sha256 of each file

Any other URL of fsspec:

    <to>/<cell>/<key>/...     the files, which nobody knows of yet
    <to>/<cell>/published.json    then this, in one put: it says which folder holds. The folder before goes last.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from generator import __version__, errors, output, progress, scratch
from generator.base import keys, seen
from generator.pipeline import gate, sentences
from generator.pipeline.work import PROFILE, PROVEN, VERIFIED, Work

if TYPE_CHECKING:
    from generator.fleet.cluster.places import Place

PUBLISHED = "published.json"
_CHUNK = 1 << 16  # bytes: a cluster of an image
_FOLDER = re.compile(r"[0-9a-f]{16}")
_ATTESTED = (".cdx.json", ".spdx.json", ".intoto.jsonl")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is published of an image: its files, and what is said of them."""

    files: Mapping[str, Path]
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        return keys.named({"files": json.dumps(self.document["files"], sort_keys=True)})


def _digests(work: Work) -> dict[str, str]:
    """The sha256 of each file that is to be published; "" of one that is not there."""
    names = [work.image.name, output.MANIFEST, PROFILE, "observe.sh", VERIFIED, "verify.html", PROVEN]
    names += [f"{work.image.stem}{ending}" for ending in _ATTESTED] if work.pipeline.key else []
    return {name: work.digest(name) for name in names}


def parcel(work: Work) -> Parcel | None:
    """None where something that is to be published is not there."""
    digests = _digests(work)
    if not all(digests.values()):
        return None
    document = {
        "tool": f"nodebake {__version__}",
        "pipeline": work.pipeline.name,
        "cell": work.cell.id,
        "image": work.image.name,
        "image_sha256": digests[work.image.name],
        "profile_sha256": work.cell.plan.profile.digest,
        "files": digests,
    }
    return Parcel({name: work.folder / name for name in digests}, document)


def look_at_place(work: Work) -> None:
    """Raises what is wrong with the place before anything is begun: no such URL, or what reaches it is missing."""
    if _folder(work) is None:
        _place(work)


def place(work: Work) -> str:
    """Where this image is, or will be."""
    folder = _folder(work)
    return str(folder / work.cell.id) if folder else f"{work.pipeline.to.rstrip('/')}/{work.cell.id}"


def is_there(work: Work) -> bool:
    """Whether what would be published is there already."""
    wanted = parcel(work)
    if wanted is None:
        return False
    if folder := _folder(work):
        scratch.sweep(folder, _stage(work.cell.id))  # of a run that was killed when all but that was done
        return _is_in(folder / work.cell.id, wanted)
    return _is_at(_place(work), work.cell.id, wanted)


def publish(work: Work) -> None:
    """Look once more at all that was proven, then publish it. Raises CheckFailed, ToolError, LockedError, a refusal."""
    wanted = parcel(work)
    if wanted is None:
        missing = [sentences.gone(name) for name, digest in _digests(work).items() if not digest]
        raise sentences.not_published(work.cell.id, missing or [sentences.UNSTEADY])
    image, profile = str(wanted.document["image_sha256"]), work.cell.plan.profile.digest
    gate.hold(work.cell.id, image, profile, work.folder / VERIFIED, work.folder / PROVEN)
    if folder := _folder(work):
        _into(folder / work.cell.id, wanted)
    else:
        _to(_place(work), work.cell.id, wanted)


def _folder(work: Work) -> Path | None:
    """The folder of all images, where `to` is one."""
    to = work.pipeline.to
    if "://" not in to:
        return work.pipeline.path(to)
    url = urlsplit(to)
    return Path(unquote(url.path)) if url.scheme == "file" else None


def _place(work: Work) -> Place:
    try:
        import fsspec  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise sentences.no_fsspec(work.pipeline.to, error.name or "fsspec") from None
    from generator.fleet.cluster.places import Place  # noqa: PLC0415

    return Place(work.pipeline.to)


def _is_in(target: Path, wanted: Parcel) -> bool:
    digests: Mapping[str, str] = wanted.document["files"]
    try:
        same = json.loads((target / PUBLISHED).read_text(encoding="utf-8")) == wanted.document
        return same and all(seen.digest(target / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, RecursionError):
        return False


def _into(target: Path, wanted: Parcel) -> None:
    with output.hold(target), output.writing(target):
        if target.exists() and any(target.iterdir()) and not (target / PUBLISHED).is_file():
            raise sentences.not_ours(errors.visible(str(target)))
        with scratch.folder(target.parent, _stage(target.name)) as stage:
            for name, source in wanted.files.items():
                _copy(source, stage / name, wanted.document["files"][name])
            output.write(stage / PUBLISHED, _text(wanted.document), 0o644)
            stage.chmod(0o755)
            output.exchange(stage, target)
    for name in wanted.files:
        seen.remember(target / name, wanted.document["files"][name])


def _stage(cell: str) -> str:
    """How the folder is called in which a new one is filled."""
    return f".stage-{cell}-"


def _copy(source: Path, target: Path, sha256: str) -> None:
    with target.open("xb") as taken:
        for piece in _pieces(source, sha256):
            if piece.count(0) == len(piece):  # what is free in an image is a hole here, too
                taken.seek(len(piece), os.SEEK_CUR)
            else:
                taken.write(piece)
        taken.truncate()
        taken.flush()
        os.fchmod(taken.fileno(), source.stat().st_mode & 0o777)
        os.fsync(taken.fileno())


def _pieces(source: Path, sha256: str) -> Iterator[bytes]:
    """Its bytes must be those that were proven, whatever happens to the file meanwhile. Raises ToolError at the end."""
    digest = hashlib.sha256()
    with source.open("rb") as given:
        for piece in iter(lambda: given.read(_CHUNK), b""):
            digest.update(piece)
            yield piece
    if digest.hexdigest() != sha256:
        raise sentences.changed_on_the_way(str(source))


def _text(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def _is_at(place: Place, cell: str, wanted: Parcel) -> bool:
    found = _read(place, cell)
    if found is None or {**found, "before": ""} != {**wanted.document, "folder": wanted.key, "before": ""}:
        return False
    sizes = {name: path.stat().st_size for name, path in wanted.files.items()}
    return all(place.size(f"{cell}/{wanted.key}/{name}") == size for name, size in sizes.items())


def _read(place: Place, cell: str) -> Any:  # noqa: ANN401 - JSON
    """What is said to be there; None where nothing is."""
    content = place.read(f"{cell}/{PUBLISHED}")
    try:
        found = None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        found = {}
    if found is not None and (not isinstance(found, dict) or found.get("cell") != cell):
        raise sentences.not_ours(f"{place.url}/{cell}/{PUBLISHED}")
    return found


def _to(place: Place, cell: str, wanted: Parcel) -> None:
    before = _read(place, cell) or {}
    for name, source in wanted.files.items():
        place.put(f"{cell}/{wanted.key}/{name}", _pieces(source, wanted.document["files"][name]))
    last = str(before.get("folder", ""))
    document = {**wanted.document, "folder": wanted.key, "before": last}
    place.write(f"{cell}/{PUBLISHED}", _text(document))
    for old in (last, str(before.get("before", ""))):  # and what a killed run has left of the one before that
        if _FOLDER.fullmatch(old) and old != wanted.key:
            _remove(place, f"{cell}/{old}")


def _remove(place: Place, folder: str) -> None:
    try:
        place.remove(folder)
    except errors.ToolError as error:  # the new one is there
        progress.note(f"{folder}: {error.sentence}")
