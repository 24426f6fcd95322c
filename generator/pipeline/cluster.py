"""A pipeline's images, made by a Dask cluster: one at a time on each worker that has the resource qemu.

Where a worker dies, Dask gives its image to another, which begins it anew: what is not published was never anywhere
but on the worker's own disk. Keys do not travel: each machine has its own file where the pipeline names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator import progress
from generator.fleet.cluster.scheduler import connected
from generator.pipeline import child, errand, sentences
from generator.pipeline.errand import Errand
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work
from generator.sentences import clusters

RESOURCES = {"qemu": 1.0}


def run(address: str, each: Sequence[Work], until: str) -> Iterator[Outcome]:
    """The outcomes, in order. Raises ToolError where the cluster cannot be had, or is not what it should be."""
    if until == "publish" and each and (not each[0].pipeline.to or "://" not in each[0].pipeline.to):
        raise sentences.needs_a_place()
    works = {work.cell.id: work for work in each}
    found: dict[str, Outcome] = {}
    with connected(address) as scheduler:
        if not scheduler.asked_of("qemu"):
            progress.note(sentences.NO_QEMU_WORKER)
        packed = {name: errand.packed(_errand(work, until)) for name, work in works.items()}
        for name, done in scheduler.tasks(packed, RESOURCES):
            if done.tool != errand.TOOL:
                raise clusters.other_version(done.worker, done.tool, errand.TOOL)
            found[name] = child.answer(works[name], done.code, done.text)
            progress.note(f"{name}: {'ok' if found[name].ok else 'failed'}, by {done.worker}")
    yield from (found[name] for name in works)


def _errand(work: Work, until: str) -> Errand:
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
    )
