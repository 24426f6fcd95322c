"""What a run would come upon hours later, and what it would pass over: told before anything is begun, at its place."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from generator import distro, errors, positions
from generator.attest import keys as signing
from generator.errors import Finding, NodebakeError
from generator.pipeline import sentences
from generator.pipeline.cells import Cell
from generator.pipeline.document import Pipeline
from generator.pipeline.outcome import STAGES
from generator.prove import choice
from generator.sentences import clusters


@dataclass(frozen=True, slots=True)
class Look:
    """What is wrong with a run up to a stage, of the cells that match `only`; `here` is whether it is on this machine.

    A module that this machine lacks is not the file's fault: it is warned of here, and refused by the run itself.
    """

    until: str
    only: Sequence[str] = ()
    here: bool = True

    def __call__(self, pipeline: Pipeline, cells: Sequence[Cell], whole: bool) -> Iterator[Finding]:
        """Of all cells where it is `whole`: what none of some has, another may have."""
        stages = STAGES[: STAGES.index(self.until) + 1]
        if "build" in stages:
            yield from _bases(pipeline, matching(cells, self.only))
        if "prove" in stages and cells and whole:
            yield from _faults(pipeline, cells, self.only)
        if "attest" in stages and pipeline.key and self.here:
            yield from _key(pipeline)
        if "publish" in stages and pipeline.to and pipeline.published is None:
            yield from _place(pipeline)


def matching(cells: Sequence[Cell], only: Sequence[str]) -> tuple[Cell, ...]:
    """Those whose names match a pattern, if there is one."""
    return tuple(cell for cell in cells if not only or any(fnmatch.fnmatchcase(cell.id, one) for one in only))


def _bases(pipeline: Pipeline, cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        if not distro.booted(named := cell.plan.distro.id):
            yield pipeline.finding(cell.at, sentences.not_built(named, distro.known()))


def _faults(pipeline: Pipeline, cells: Sequence[Cell], only: Sequence[str]) -> Iterator[Finding]:
    """Each pattern is of some image, whichever of them are made now: else a proof that was asked for is not there."""
    faults = {cell.id: [fault.id for fault in cell.plan.faults] for cell in cells}
    every = list(dict.fromkeys(one for ids in faults.values() for one in ids))
    wrong = [n for n, glob in enumerate(pipeline.faults) if not fnmatch.filter(every, glob)]
    for number in wrong:
        glob = pipeline.faults[number]
        yield pipeline.finding(("prove", "faults", number), sentences.no_such_fault(glob, choice.near(glob, every)))
    if len(wrong) < len(pipeline.faults):
        for cell in matching(cells, only):
            if not any(fnmatch.filter(faults[cell.id], glob) for glob in pipeline.faults):
                yield pipeline.finding(("prove", "faults"), sentences.not_proven_of(cell.id))


def _key(pipeline: Pipeline) -> Iterator[Finding]:
    try:
        signing.private(pipeline.path(pipeline.key))
    except NodebakeError as error:
        yield _told(pipeline, ("attest", "key"), error, sentences.KEY)


def _place(pipeline: Pipeline) -> Iterator[Finding]:
    """Whether there is anything that reads such URLs. The place itself is not asked: that is the run's."""
    path = ("publish", "to")
    try:
        from fsspec import get_filesystem_class  # noqa: PLC0415 - an extra
    except ImportError as error:
        missing = sentences.no_fsspec(pipeline.to, error.name or "fsspec")
        yield _told(pipeline, path, missing)
        return
    try:
        for url in pipeline.to.split("::"):
            get_filesystem_class(url.partition("://")[0])
    except ValueError as error:
        yield _told(pipeline, path, clusters.no_such_url(pipeline.to, str(error)))
    except ImportError as error:
        yield _told(pipeline, path, clusters.no_file_system(pipeline.to, str(error)))


def _told(pipeline: Pipeline, path: positions.Path, error: NodebakeError, hint: str = "") -> Finding:
    severity: Literal["error", "warning"] = "error" if error.exit_code == errors.REFUSED else "warning"
    place = pipeline.place(path)
    words = error.sentence, error.hint or hint
    return Finding(pipeline.source, *place, positions.pretty(path), *words, severity)
