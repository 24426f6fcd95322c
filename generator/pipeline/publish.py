"""Where proven images go. At every moment the old one is there, or the new one, whole.

A folder, of this machine or one that it has mounted:

    <to>/<cell>/              exchanged for the one before in one step; published.json has the sha256 of each file

Any other URL of fsspec:

    <to>/<cell>/<folder>/...      the files, in a folder of this attempt's, which nobody knows of yet
    <to>/<cell>/published.json    then this, in one put: it says which folder holds. The folder before goes last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from generator import __version__, errors, output, regular, scratch
from generator.base import seen
from generator.pipeline import gate, places, remote, sentences
from generator.pipeline.parcel import PUBLISHED, Parcel, text
from generator.pipeline.work import PROFILE, PROVEN, VERIFIED, Work

if TYPE_CHECKING:
    from generator.fleet.cluster.places import Place

_LARGEST = 1 << 20  # bytes of published.json
_ATTESTED = (".cdx.json", ".spdx.json", ".intoto.jsonl")


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
    """Raises what is wrong with the place before anything is begun: no such URL, or one that is not for it."""
    places.look(work)
    if work.pipeline.published is None:
        _place(work)


def place(work: Work) -> str:
    """Where this image is, or will be."""
    folder = work.pipeline.published
    return str(folder / work.cell.id) if folder else f"{work.pipeline.to.rstrip('/')}/{work.cell.id}"


def is_there(work: Work) -> bool:
    """Whether what would be published is there already."""
    wanted = parcel(work)
    if wanted is None:
        return False
    if folder := work.pipeline.published:
        scratch.sweep(folder, _stage(work.cell.id))  # of a run that was killed when all but that was done
        return _is_in(folder / work.cell.id, wanted)
    return remote.is_at(_place(work), work.cell.id, wanted, reread=work.reread)


def publish(work: Work) -> None:
    """Look once more at all that was proven, then publish it. Raises CheckFailed, ToolError, LockedError, a refusal."""
    wanted = parcel(work)
    if wanted is None:
        missing = [sentences.gone(name) for name, digest in _digests(work).items() if not digest]
        raise sentences.not_published(work.cell.id, missing or [sentences.UNSTEADY])
    image, profile = str(wanted.document["image_sha256"]), work.cell.plan.profile.digest
    gate.hold(work.cell.id, image, profile, work.folder / VERIFIED, work.folder / PROVEN)
    if folder := work.pipeline.published:
        _into(folder / work.cell.id, wanted)
    else:
        remote.put(_place(work), work.cell.id, wanted)


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
        same = json.loads(regular.read(target / PUBLISHED, _LARGEST)) == wanted.document
        return same and all(seen.digest(target / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, RecursionError):
        return False


def _into(target: Path, wanted: Parcel) -> None:
    with output.hold(target), output.writing(target):
        if target.exists() and any(target.iterdir()) and not (target / PUBLISHED).is_file():
            raise sentences.not_ours(errors.visible(str(target)))
        with scratch.folder(target.parent, _stage(target.name)) as stage:
            for name in wanted.files:
                _copy(wanted, name, stage / name)
            output.write(stage / PUBLISHED, text(wanted.document), 0o644)
            stage.chmod(0o755)
            output.exchange(stage, target)
    for name in wanted.files:
        seen.remember(target / name, wanted.document["files"][name])


def _stage(cell: str) -> str:
    """How the folder is called in which a new one is filled."""
    return f".stage-{cell}-"


def _copy(wanted: Parcel, name: str, target: Path) -> None:
    with target.open("xb") as taken:
        for piece in wanted.pieces(name):
            if piece.count(0) == len(piece):  # what is free in an image is a hole here, too
                taken.seek(len(piece), os.SEEK_CUR)
            else:
                taken.write(piece)
        taken.truncate()
        taken.flush()
        os.fchmod(taken.fileno(), wanted.files[name].stat().st_mode & 0o777)
        os.fsync(taken.fileno())
