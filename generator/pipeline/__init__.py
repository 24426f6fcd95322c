"""A pipeline's images, from a matrix of profiles to what is published. Only what has changed is done."""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import base, errors, layers, progress, stop
from generator.attest import keys as signing
from generator.errors import Finding
from generator.pipeline import cells, make, preflight, publish, sentences, side_by_side, stages
from generator.pipeline.cells import Cell, Loaded
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work

__all__ = ["Asked", "Outcome", "Ran", "chosen", "load", "run"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A run. `only` are patterns of cells, `until` is the last stage, `jobs` how many images are made side by side.

    `cluster` is a Dask scheduler's address, whose workers make the images then. `reread` holds every byte against what
    is known; `refresh` makes bases and packages layers anew first, and then each image (`bake_anew` that alone).
    `wait` for another run that is at an image, `guests` is how many of a proof are booted side by side.
    """

    source: str
    out: Path
    only: Sequence[str] = ()
    until: str = "publish"
    jobs: int = 1
    cluster: str = ""
    reread: bool = False
    refresh: bool = False
    bake_anew: bool = False
    wait: bool = False
    guests: int | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of every image, in the order of the matrix."""

    name: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return bool(self.outcomes) and all(one.ok for one in self.outcomes)

    @property
    def code(self) -> int:
        """A red check says more than what only could not be tried; else the first of them."""
        codes = [one.code for one in self.outcomes if one.code]
        return errors.CHECK_FAILED if errors.CHECK_FAILED in codes else next(iter(codes), 0)


def load(source: str, until: str = "check", only: Sequence[str] = (), *, here: bool = True) -> Loaded:
    """A pipeline with its images. Raises Refused with everything that is wrong, with it and with its profiles.

    And with what a run up to a stage would come upon, of those images that match; `here` is whether it runs here.
    """
    return cells.load(source, preflight.Look(until, only, here=here))


def chosen(loaded: Loaded, only: Sequence[str]) -> tuple[Cell, ...]:
    """Those of its images that match a pattern, if there is one. Raises a usage error for one that matches none."""
    names = [cell.id for cell in loaded.cells]
    for glob in only:
        if not fnmatch.filter(names, glob):
            raise sentences.no_such_cell(glob, names)
    return preflight.matching(loaded.cells, only)


def run(asked: Asked) -> Ran:
    """Do what has changed. What goes wrong with one image is in its outcome, and the others go on.

    Raises Refused, a usage error, and ToolError for what is wrong with all of them, before anything is begun.
    """
    began = time.monotonic()
    loaded = load(asked.source, asked.until, asked.only, here=not asked.cluster)
    each = [
        Work(cell, loaded.pipeline, asked.out, asked.guests, asked.reread, asked.refresh or asked.bake_anew, asked.wait)
        for cell in chosen(loaded, asked.only)
    ]
    _preflight(each, asked)
    _tell(loaded.warnings)
    with stop.saying(sentences.INTERRUPTED):
        if asked.refresh and not asked.cluster:  # whose workers do it themselves
            _refresh(each)
        outcomes = tuple(_outcomes(asked, each))
    return Ran(loaded.pipeline.name, outcomes, time.monotonic() - began)


def _tell(warnings: Sequence[Finding]) -> None:
    for finding in warnings:
        progress.say(str(finding))


def _preflight(each: Sequence[Work], asked: Asked) -> None:
    """What would be found out only after an hour of boots, and is not the file's fault."""
    if each and "publish" in make.wanted(each[0], asked.until):
        publish.look_at_place(each[0])
    if each and not asked.cluster and "attest" in make.wanted(each[0], asked.until):
        signing.private(each[0].pipeline.path(each[0].pipeline.key))


def _refresh(each: Sequence[Work]) -> None:
    """Each base and each packages layer once, with today's packages."""
    bases, made = set[object](), set[str]()
    for work in each:
        plan = work.cell.plan
        where = (plan.profile.base, plan.profile.mirror)
        start = base.obtain(plan.profile.base, refresh=where not in bases, mirror=plan.profile.mirror or None)
        bases.add(where)
        if (name := layers.begun(plan, start)) not in made:
            layers.packages(plan, start, layers.Bench(work.folder / "logs", refresh=True))
            made.add(name)


def _alone(work: Work) -> Work:
    """With the faults of its own image: on its worker it is all that the pipeline has, and each must match there."""
    own = stages.chosen(work) or work.pipeline.faults
    return dataclasses.replace(work, pipeline=dataclasses.replace(work.pipeline, faults=own))


def _outcomes(asked: Asked, each: Sequence[Work]) -> Iterator[Outcome]:
    if asked.cluster:
        from generator.pipeline import cluster  # noqa: PLC0415 - an extra

        alone = [_alone(work) for work in each]
        yield from cluster.run(asked.cluster, alone, asked.until, refresh=asked.refresh)
    elif asked.jobs == 1 or len(each) == 1:
        yield from (make.make(work, asked.until) for work in each)
    else:
        look = functools.partial(make.known, until=asked.until)
        yield from side_by_side.run(each, look, asked.until, asked.jobs)
