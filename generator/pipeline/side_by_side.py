"""Several images at once, on this machine: each by a process of its own, which dies with us."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from generator import proc
from generator.pipeline import child
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work
from generator.prove import boots

GRACE = 60.0  # seconds in which a process ends its guests and puts away what it has begun


def run(each: Sequence[Work], known: Callable[[Work], Outcome | None], until: str, jobs: int) -> Iterator[Outcome]:
    """The outcomes, in order. For what is known already no process is started."""
    found = [known(work) for work in each]
    todo = [number for number, outcome in enumerate(found) if outcome is None]
    guests = max(1, boots.jobs() // jobs)
    with _pool(jobs) as (pool, running):
        under_way: dict[Future[str], int] = {}
        while todo or under_way:
            while todo and len(under_way) < jobs:
                number = todo.pop(0)
                process = _start(dataclasses.replace(each[number], guests=guests), until)
                running[number] = process
                under_way[pool.submit(_read, process)] = number
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                number = under_way.pop(future)
                process = running.pop(number)
                found[number] = child.answer(each[number], process.returncode, future.result())
    yield from (outcome for outcome in found if outcome is not None)


def _start(work: Work, until: str) -> subprocess.Popen[str]:
    """SIGTERM, also when we die: it ends its guests then, which SIGKILL would leave to the kernel."""
    argv = child.argv(work, work.pipeline.source, until)
    return proc.start(argv, env=child.ENVIRONMENT, stdout=subprocess.PIPE, stderr=None, on_parent_death=signal.SIGTERM)


def _read(process: subprocess.Popen[str]) -> str:
    """All that it prints, until its end."""
    return process.communicate()[0]


@contextmanager
def _pool(jobs: int) -> Iterator[tuple[ThreadPoolExecutor, dict[int, subprocess.Popen[str]]]]:
    """Threads that read, and the processes that they read from: what still runs at the end is ended."""
    running: dict[int, subprocess.Popen[str]] = {}
    pool = ThreadPoolExecutor(jobs)
    try:
        yield pool, running
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)  # all of them first: they end side by side
        for process in running.values():
            proc.stop(process, GRACE)
        pool.shutdown()
