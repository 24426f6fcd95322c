"""A real Dask scheduler and real workers on loopback, each a process that can be killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from distributed import Client

from tests.conftest import ROOT

_PRINTED = re.compile(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)")

_ANY = ("--dashboard-address", "127.0.0.1:0")  # else it would be a port of its own, on every address
# Put into a worker's Python: it stops itself, so that its parent knows where it stands.
_STOPS = """\
import contextlib, itertools, os, signal
from generator import whole
written, file = itertools.count(1), whole.file
@contextlib.contextmanager
def stopping(target, **more):
    with file(target, **more) as out:
        yield out
        out.flush()
        if next(written) == int(os.environ["NODEBAKE_TEST_STOPS"]):
            os.kill(os.getpid(), signal.SIGSTOP)
whole.file = stopping
"""


class Cluster:
    """A scheduler with its workers, by their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.scheduler = _start("scheduler", "--host", "127.0.0.1", "--port", "0", *_ANY, folder=folder)
        self.address = _address(self.scheduler)
        self.workers: dict[str, subprocess.Popen[str]] = {}

    def worker(self, name: str, **environment: str) -> subprocess.Popen[str]:
        """Start one more: without a nanny, so that it stays dead."""
        options = ("--no-nanny", "--nthreads", "1", *_ANY, "--host", "127.0.0.1", "--name", name)
        local = str(self._folder / f"worker-{name}")
        started = _start(
            "worker", self.address, *options, "--local-directory", local, folder=self._folder, **environment
        )
        _drain(started)
        self.workers[name] = started
        return started

    def wait(self) -> None:
        """Until the scheduler knows of every worker."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=120)

    def doomed(self, name: str, part: int) -> None:
        """Start a worker that is killed while it writes its part of that number, before the part has its name."""
        (self._folder / "sitecustomize.py").write_text(_STOPS, encoding="utf-8")
        path = f"{self._folder}{os.pathsep}{ROOT}"
        victim = self.worker(name, PYTHONPATH=path, NODEBAKE_TEST_STOPS=str(part))
        threading.Thread(target=_kill_once_stopped, args=(victim,), daemon=True).start()

    def close(self) -> None:
        """End all of them, and see that they are gone."""
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()


@contextmanager
def cluster(folder: Path, *names: str) -> Iterator[Cluster]:
    """A scheduler, and workers of these names, which have come."""
    made = Cluster(folder)
    try:
        for name in names:
            made.worker(name)
        if names:
            made.wait()
        yield made
    finally:
        made.close()


def _kill_once_stopped(victim: subprocess.Popen[str]) -> None:
    if os.waitid(os.P_PID, victim.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT).si_code == os.CLD_STOPPED:
        victim.kill()


def _start(*command: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "dask", *command]
    known = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment}
    return subprocess.Popen(
        argv,
        cwd=folder,
        env=known,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _address(scheduler: subprocess.Popen[str]) -> str:
    """What the scheduler says of itself, once it listens."""
    said = []
    for line in _lines(scheduler):
        said.append(line)
        if found := _PRINTED.search(line):
            _drain(scheduler)
            return found[1]
    raise AssertionError(f"no scheduler: {''.join(said)}")


def _lines(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stderr is not None
    return process.stderr


def _drain(process: subprocess.Popen[str]) -> None:
    """What a process says further is thrown away, so that it never waits for a reader."""
    threading.Thread(target=lambda: [None for _ in _lines(process)], daemon=True).start()
