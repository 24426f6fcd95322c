"""The boots of a proof: which are still to be made, side by side, and what each of them says."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator import errors, guest, image_checks, observation, progress
from generator.base import cache
from generator.formats import observer
from generator.image import room
from generator.model import Fault, Plan
from generator.prove import boots, record, sentences
from generator.prove.boots import Lost
from generator.prove.record import Trial
from generator.prove.store import Store, Told

# The good image itself, by each road that a fault of the batch takes.
CONTROLS = {
    "credential": Fault("control", "", "nothing is broken", (), frozenset()),
    "seed": Fault("control.cloud-init", "", "nothing is broken", (), frozenset(), needs_cloud_init=True),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What is tried."""

    image: Path
    sha256: str
    plan: Plan
    faults: tuple[Fault, ...]
    jobs: int

    @property
    def controls(self) -> tuple[Fault, ...]:
        return tuple(CONTROLS[road] for road in sorted({boots.road(self.plan, fault) for fault in self.faults}))


def trials(batch: Batch, kept: Store, *, fresh: bool = False) -> tuple[tuple[Trial, ...], float]:
    """A trial for each fault, and the seconds that the boots of this run took together."""
    every = (*batch.controls, *batch.faults)
    told = {} if fresh else {fault.id: found for fault in every if (found := kept.load(fault))}
    done = {fault.id: _trial(batch, fault, told[fault.id], known=True) for fault in every if fault.id in told}
    for control in batch.controls:
        if control.id in done:
            _hold_good(batch, done[control.id])
    todo = [fault for fault in every if fault.id not in done]
    began = time.monotonic()
    if done:
        progress.note(f"{len(done)} of {len(every)} trials are known from an earlier run of the same image and profile")
    if todo:
        _make(batch, kept, todo, done)
    return tuple(done[fault.id] for fault in batch.faults), time.monotonic() - began


def _make(batch: Batch, kept: Store, todo: Sequence[Fault], done: dict[str, Trial]) -> None:
    """Boot what is to do; each trial is in `done` as soon as its boot is over."""
    with progress.task(f"prove {batch.plan.profile.name}") as task, room.stage(kept.folder, "boots") as folder:
        read = sum(boots.only_read(batch.plan, fault) for fault in todo)
        task.say(
            f"{len(todo) - read} boots, {batch.jobs} side by side" + (f", {read} read off the image" if read else "")
        )
        bench = boots.bench(batch.image, batch.plan, folder, _logs(batch.image), batch.jobs)
        if cache.digest(batch.image) != batch.sha256:
            raise errors.image_changed(str(batch.image))

        def heard(fault: Fault, told: Told | Lost) -> None:
            if isinstance(told, Told):
                kept.save(fault, told)
            trial = done[fault.id] = _trial(batch, fault, told)
            over = sum(one.id in done for one in todo)
            task.advance(over, len(todo))
            task.say(f"{over} of {len(todo)}: {fault.id}: {_word(trial)}")
            if fault in batch.controls:
                _hold_good(batch, trial)

        guest.run(watched(todo, partial(boots.watch, bench), heard, batch.jobs))


async def watched(
    todo: Sequence[Fault],
    watch: Callable[[Fault], Awaitable[Told | Lost]],
    heard: Callable[[Fault, Told | Lost], None],
    jobs: int,
) -> None:
    """Watch all of them, `jobs` at a time. What `watch` or `heard` raises ends the others, and is raised."""

    async def one(fault: Fault) -> None:
        heard(fault, await watch(fault))

    await guest.side_by_side([partial(one, fault) for fault in todo], jobs)


def _trial(batch: Batch, fault: Fault, told: Told | Lost, *, known: bool = False) -> Trial:
    """Of a guest that was lost nothing was observed, so that all is red."""
    if isinstance(told, Lost):
        red = frozenset(expect.id for expect in batch.plan.expects)
        return Trial(fault, red, lost=told.sentence, seconds=told.seconds)
    read = boots.only_read(batch.plan, fault)
    seen = [] if read else [observation.read(told.lines, observer.commands(batch.plan))]
    red, found = record.judged(batch.plan, seen, image_checks.read(told.lines))
    return Trial(fault, red, found, seconds=told.seconds, cpu_seconds=told.cpu_seconds, known=known, read=read)


def _hold_good(batch: Batch, control: Trial) -> None:
    if control.lost:
        raise errors.GuestError(control.lost)
    if control.red:
        rows = [(check, control.found[check]) for check in sorted(control.red)]
        raise sentences.not_good(str(batch.image), rows)


def _word(trial: Trial) -> str:
    if trial.fault in CONTROLS.values():
        return "red" if trial.red else "green"
    return f"{trial.verdict}{' (the guest was lost)' if trial.lost else ''}, {trial.seconds:.0f} s"


def _logs(image: Path) -> Path:
    """Beside the image, where verify has its own; in the temporary folder where that is not ours."""
    folder = image.absolute().parent / "logs"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    return Path(tempfile.gettempdir())
