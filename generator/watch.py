"""One boot of a guest that is verified: what it observed, and what more it told when it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from generator import diagnosis, errors, guest, observation
from generator.evidence import Diagnosis
from generator.formats import observer
from generator.model import Boot, Plan

ASK_SECONDS = 300.0  # all of diagnose.sh takes some 10 s under TCG, on a busy host several times that


@dataclass(slots=True)
class Watched:
    """What came of a boot, as far as it came: it is filled in as it goes. `lines` are all of the result port."""

    number: int
    console: Path
    lines: tuple[bytes, ...] = ()
    boot: Boot | None = None
    diagnosis: Diagnosis = field(default_factory=lambda: Diagnosis(0, {}))


Ask = Callable[[Boot | None], Sequence[str]]  # which parts of a diagnosis are wanted of this boot; none is nothing


def boot(  # noqa: PLR0913 - a machine, and all that is said of its boot
    machine: guest.Machine,
    into: Watched,
    plan: Plan,
    ask: Ask,
    say: Callable[[str], None],
    *,
    limits: guest.Limits,
    last: bool,
) -> None:
    """Boot a machine with the observer in its seed, to the end of its observations and of what it is asked.

    The last boot is ended by pulling the plug: nothing that it writes is needed any more. Raises GuestError.
    """
    guest.run(_boot(guest.Guest(machine, into.console, limits=limits, on_stage=say), into, plan, ask, say, last=last))


async def _boot(  # noqa: PLR0913
    machine: guest.Guest, into: Watched, plan: Plan, ask: Ask, say: Callable[[str], None], *, last: bool
) -> None:
    async with machine as running:
        try:
            lines = await running.wait_lines(lambda line: observation.is_done(_text(line)))
            into.boot = observation.read(map(_text, lines), observer.commands(plan))
            if names := ask(into.boot):
                say("diagnosis")
                into.diagnosis = diagnosis.read(map(_text, await _asked(running, names)), into.number)
        finally:
            into.lines = running.result().lines
        await (running.quit() if last else running.powerdown())


async def _asked(running: guest.Guest, names: Sequence[str]) -> Sequence[bytes]:
    """What it says to that. A guest that does not answer, or dies of it, was judged already: there is only less."""
    before = len(running.result().lines)
    running.say(" ".join(names))
    with suppress(TimeoutError, errors.GuestError):
        async with asyncio.timeout(ASK_SECONDS):
            await running.wait_lines(lambda line: diagnosis.is_done(_text(line)))
    return running.result().lines[before:]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
