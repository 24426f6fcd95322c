"""One image through its stages: each is looked for first, and done only where something has changed."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from generator import errors, locks, output, progress, stop
from generator.base import cache, keys, why
from generator.base.keys import Looked
from generator.pipeline import publish, sentences, stages
from generator.pipeline.kept import Record
from generator.pipeline.outcome import STAGES, Outcome, Stage
from generator.pipeline.work import Work


def wanted(work: Work, until: str) -> tuple[str, ...]:
    """The stages that a pipeline asks for, up to one of them."""
    asked = {"prove": work.pipeline.faults, "attest": work.pipeline.key, "publish": work.pipeline.to}
    upto = STAGES[: STAGES.index(until) + 1]
    return tuple(name for name in upto if asked.get(name, True))


def known(work: Work, until: str) -> Outcome | None:
    """What became of an image for which nothing is to be done; None where something is. Nothing is made."""
    try:
        with cache.only_looking(), _held(work):
            return _made(work, until, only_look=True)
    except (cache.NotThere, errors.NodebakeError):
        return None


def make(work: Work, until: str) -> Outcome:
    """Whatever is to be done for an image. What goes wrong is told in the outcome."""
    try:
        with _held(work):
            return _made(work, until)
    except errors.NodebakeError as error:
        return _outcome(work, [Stage("check", "failed", error.sentence, hint=error.hint)], [], error.exit_code)


@contextmanager
def _held(work: Work) -> Iterator[None]:
    """One run at a time. (The rooms below hold the folder itself, by a lock of their own, while they replace it.)"""
    with ExitStack() as stack:
        with output.writing(work.folder):
            work.out.mkdir(parents=True, exist_ok=True)
            try:
                waits = functools.partial(progress.note, sentences.waiting(work.cell.id)) if work.wait else None
                stack.enter_context(locks.held(work.out / f".{work.cell.id}.pipeline.lock", waits))
            except BlockingIOError:
                raise sentences.locked(work.cell.id) from None
        yield


def _made(work: Work, until: str, *, only_look: bool = False) -> Outcome:
    done, looks = list[Stage](), list[Looked]()
    code = 0
    for name in wanted(work, until):
        began = time.monotonic()
        with keys.explained() as more:
            try:
                with output.writing(work.folder):
                    done.append(_stage(work, name, only_look=only_look))
            except errors.NodebakeError as error:
                if only_look:
                    raise
                code = error.exit_code
                taken = time.monotonic() - began
                done.append(Stage(name, "failed", error.sentence, taken, hint=error.hint))
        looks += _once(more)
        stop.again()
        if code:
            break
    return _outcome(work, done, looks, code)


def _once(looks: Sequence[Looked]) -> list[Looked]:
    """What was looked for twice was missing the first time."""
    first: dict[str, Looked] = {}
    for looked in looks:
        first.setdefault(looked.what, looked)
    return list(first.values())


def _stage(work: Work, name: str, *, only_look: bool) -> Stage:
    if name == "check":
        return Stage(name, "done")
    with work.looking():
        looked, told = _look(work, name)
    if looked.hit:
        return Stage(name, "kept", told, 0.0, looked.key, looked.reason)
    if only_look:
        raise cache.NotThere(name)
    progress.note(f"{work.cell.id}: {name} ({looked.reason})")
    began = time.monotonic()
    told = _do(work, name)
    return Stage(name, "done", told, time.monotonic() - began, looked.key, looked.reason)


def _look(work: Work, name: str) -> tuple[Looked, str]:
    """Whether a stage has been done, of exactly this; and what there is to say of it."""
    if name == "publish":
        parcel = publish.parcel(work)
        there = publish.is_there(work)
        return Looked(name, parcel.key if parcel else "", there, why.SAME if there else sentences.NOT_THERE), ""
    looked, record = work.kept.look(name, stages.DOING[name].parts(work))
    if record is not None and name == "build" and work.fresh:
        return Looked(name, looked.key, False, why.FRESH), ""
    if record is not None and name == "render" and (reason := stages.unlisted(work)):
        return Looked(name, looked.key, False, reason), ""
    return looked, record.told if record else ""


def _do(work: Work, name: str) -> str:
    if name == "publish":
        publish.publish(work)
        return ""
    parts = stages.DOING[name].parts(work)
    told, outputs = _tried(work, name)
    with work.looking():
        record: Record = work.kept.save(name, parts, outputs, told)
    return record.told


def _tried(work: Work, name: str) -> stages.Done:
    """A guest that did not come to its end has a second try: TCG loses a boot now and then. A verdict has none."""
    try:
        return stages.DOING[name].do(work)
    except errors.QemuEnded:
        raise
    except errors.GuestError as error:
        progress.note(sentences.once_more(work.cell.id, name, error.sentence))
        return stages.DOING[name].do(work)


def _outcome(work: Work, done: Sequence[Stage], looks: Sequence[Looked], code: int) -> Outcome:
    published = code == 0 and any(stage.name == "publish" for stage in done)
    there = work.image.is_file() and any(stage.name == "build" and stage.status != "failed" for stage in done)
    with work.looking():
        digest = work.digest(work.image.name) if there else ""
    return Outcome(
        cell=work.cell.id,
        profile=work.cell.profile,
        base=work.cell.base,
        kubernetes=work.cell.kubernetes,
        stages=tuple(done),
        looks=tuple(looks),
        image_sha256=digest,
        size=work.image.stat().st_size if there else 0,
        folder=str(work.folder),
        place=publish.place(work) if published else "",
        code=code,
    )
