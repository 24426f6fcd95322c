"""What a person sees while long work runs: a live line on a terminal, plain lines elsewhere. Writes to stderr only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from generator import errors


def _terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


class Task:
    """One piece of long work. `total` and `advance` count whatever the caller counts (bytes, steps)."""

    def __init__(self, title: str, live: Any = None, handle: Any = None) -> None:  # noqa: ANN401 - rich is imported late
        self._title, self._live, self._handle = errors.visible(title), live, handle
        self._began = time.monotonic()

    def say(self, what: str) -> None:
        """Tell which stage the work is at."""
        if self._live is not None:
            self._live.update(self._handle, description=f"{self._title}: {errors.visible(what)}")
        else:
            note(f"{self._title}: {what} [{time.monotonic() - self._began:.0f} s]")

    def advance(self, done: float, total: float | None = None) -> None:
        """Tell how much is done, of how much."""
        if self._live is not None:
            self._live.update(self._handle, completed=done, total=total)


def note(line: str) -> None:
    """One plain line for people."""
    say(f"nodebake: {errors.visible(line)}")


def say(text: str) -> None:
    """To stderr. Where nobody can be told (a terminal that was closed, a full disk) the work goes on all the same."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - else Python tries it again when it ends


@contextmanager
def task(title: str, *, in_bytes: bool = False) -> Iterator[Task]:
    """Show one piece of long work: its title, stage, and time; a bar once it has said how much there is."""
    began = time.monotonic()
    if not _terminal():
        note(title)
        yield Task(title)
    else:
        from rich.console import Console  # noqa: PLC0415 - 42 ms that a pipe need not pay
        from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn()]
        if in_bytes:
            columns.insert(3, DownloadColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as live:
            yield Task(title, live, live.add_task(errors.visible(title), total=None))
    note(f"{title}: done in {time.monotonic() - began:.0f} s")
