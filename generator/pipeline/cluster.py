"""A pipeline's images, made by a Dask cluster: one at a time on each worker that has the resource qemu.

Where a worker dies, Dask gives its image to another, which begins it anew: what is not published was never anywhere
but on the worker's own disk. Keys do not travel: each machine has its own file where the pipeline names it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator import errors, output, progress, regular, stop, whole
from generator.base import keys
from generator.base import sentences as locks
from generator.fleet.cluster.scheduler import connected
from generator.pipeline import child, errand, sentences
from generator.pipeline.errand import Errand
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import RESULTS, Work
from generator.sentences import clusters

RESOURCES = {"qemu": 1.0}
_LARGEST = 4 << 20  # bytes of a lock


def run(address: str, each: Sequence[Work], until: str, *, refresh: bool = False) -> Iterator[Outcome]:
    """The outcomes, in order; `refresh` has each worker make its bases and layers anew.

    Raises ToolError where the cluster cannot be had, or is not what it should be.
    """
    if until == "publish" and each and (not each[0].pipeline.to or "://" not in each[0].pipeline.to):
        raise sentences.needs_a_place()
    works = {work.cell.id: work for work in each}
    found: dict[str, Outcome] = {}
    with connected(address) as scheduler:
        if not scheduler.asked_of("qemu"):
            progress.note(sentences.NO_QEMU_WORKER)
        packed = {name: errand.packed(_errand(work, until, refresh=refresh)) for name, work in works.items()}
        for name, done in scheduler.tasks(packed, RESOURCES):
            if done.tool != keys.tool():
                raise clusters.other_version(done.worker, done.tool, keys.tool())
            found[name] = _home(works[name], child.answer(works[name], done.code, done.text), done.files)
            progress.note(f"{name}: {'ok' if found[name].ok else 'failed'}, by {done.worker}")
    yield from (found[name] for name in works)


def _home(work: Work, told: Outcome, files: Mapping[str, bytes]) -> Outcome:
    """By the names that the matrix has here, and with its results in our folder: the worker's nobody sees from here."""
    cell = work.cell
    try:
        _write(work.folder, [name for stage in told.stages for name in RESULTS.get(stage.name, ())], files)
    except errors.NodebakeError as error:  # it costs no verdict
        progress.note(f"{cell.id}: {error.sentence}")
    finally:
        stop.again()
    return dataclasses.replace(
        told, cell=cell.id, profile=cell.profile, base=cell.base, kubernetes=cell.kubernetes, folder=str(work.folder)
    )


def _write(folder: Path, names: Sequence[str], files: Mapping[str, bytes]) -> None:
    """Those of these names. What an earlier run has left of them goes first."""
    with output.writing(folder):
        for name in names:
            (folder / name).unlink(missing_ok=True)
    for name in names:
        if name in files:
            with whole.file(folder / name, 0o644, shared=True) as out:
                out.write(files[name])


def _errand(work: Work, until: str, *, refresh: bool) -> Errand:
    """What a worker is to make: the cell as a pipeline of its own."""
    pipeline = work.pipeline
    return Errand(
        pipeline=pipeline.name,
        raw=work.cell.raw,
        kubernetes=work.cell.kubernetes,
        boots=pipeline.boots,
        faults=pipeline.faults,
        key=str(pipeline.path(pipeline.key).absolute()) if pipeline.key else "",
        to=pipeline.to,
        until=until,
        lock=_lock(work),
        flags=tuple(_flags(work, refresh=refresh)),
    )


def _lock(work: Work) -> bytes | None:
    """As it is: whether it is one, and of this base, is asked where a build asks it."""
    path = work.lock_beside
    try:
        return regular.read(path, _LARGEST) if path else None
    except OSError as error:
        raise locks.no_lock(str(path), error.strerror or str(error)) from None


def _flags(work: Work, *, refresh: bool) -> Iterator[str]:
    if work.reread:
        yield "--reread"
    if refresh or work.fresh:
        yield "--refresh-base" if refresh else "--bake-anew"
