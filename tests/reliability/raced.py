"""Several runs at once, and locks whose holder or file goes away."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.reliability.bench import GONE, PATIENCE, Bench, Choose, Place, Ran
from tests.reliability.cases import SUBJECTS
from tests.reliability.outcome import Outcome, seen

# Python imports this by itself: the run stands still when it has its locks and begins to write what it will publish.
_STANDS_STILL = """
import os, signal, sys
opened = 0
def see(event, args):
    global opened
    if event == "open" and any(f"/{word}" in str(args[0]) for word in (".stage-", ".part-")):
        opened += bool(args[2] & os.O_CREAT or os.path.lexists(args[0]))
    if opened == 2 or event == "os.truncate":
        opened = -1000
        os.kill(os.getpid(), signal.SIGSTOP)
sys.addaudithook(see)
"""


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has the scene, by its name here, and the subjects of it."""
    for name in choose(how["subjects"]):
        yield from _SCENES[how["scene"]](bench, bench.fresh(SUBJECTS[name]), how)


def _at_once(bench: Bench, place: Place, how: Mapping[str, Any]) -> Iterator[Outcome]:
    """Many at one output. Each ends by itself; what is there in the end is one's, whole."""
    processes = [_start(bench, place) for _ in range(how["runs"])]
    rans = [_end(process) for process in processes]
    assert any(ran.code == 0 for ran in rans), rans[0].err
    for number, ran in enumerate(rans, 1):
        yield Outcome(f"{place.subject.name}, {number} of {how['runs']}", ran, bench.state(place), place.left())


def _held(bench: Bench, place: Place, how: Mapping[str, Any]) -> Iterator[Outcome]:
    """While somebody holds the lock, a run is refused at once; another is not, after its holder was killed."""
    argv = bench.argv(place, "new")
    with _holder(bench, place) as holder:
        ran = bench.run(place, argv)
        assert ran.code == 75, ran.err
        yield Outcome(f"{place.subject.name}, while another holds the lock", ran, bench.state(place))
        holder.kill()
        holder.wait()
        ran = bench.run(place, argv, within=GONE)
    assert ran.code == 0, ran.err
    yield seen(bench, place, f"{place.subject.name}, after the holder was killed", ran)


def _removed(bench: Bench, place: Place, how: Mapping[str, Any]) -> Iterator[Outcome]:
    """Somebody removes the file of the lock while it is held."""
    argv = bench.argv(place, "new")
    with _holder(bench, place) as holder:
        for lock in place.out.glob(".*.lock"):
            lock.unlink()
        yield Outcome(f"{place.subject.name}, beside the holder", bench.run(place, argv), bench.state(place))
        holder.send_signal(signal.SIGCONT)
        yield seen(bench, place, f"{place.subject.name}, the holder", _end(holder))


@contextmanager
def _holder(bench: Bench, place: Place) -> Iterator[subprocess.Popen[str]]:
    """Another run, which stands still with its locks held."""
    hook = place.root / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(_STANDS_STILL)
    other = dataclasses.replace(place, mark=uuid.uuid4().hex)
    process = _start(bench, other, {"PYTHONPATH": f"{hook}:{place.env['PYTHONPATH']}"})
    try:
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        yield process
    finally:
        process.kill()
        process.wait()


def _start(bench: Bench, place: Place, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    argv = bench.argv(place, "new")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(argv, **pipes, env=place.whole_env(env), text=True)


def _end(process: subprocess.Popen[str]) -> Ran:
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err)


_SCENES: Mapping[str, Callable[[Bench, Place, Mapping[str, Any]], Iterator[Outcome]]] = {
    "at once": _at_once,
    "held": _held,
    "removed": _removed,
}
