"""Signals to a build while the stand-in for Packer is at work, and while it puts away after a first one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from tests.image import fakes
from tests.reliability.bench import GONE, PATIENCE, Bench, Choose, Place, Ran
from tests.reliability.cases import SUBJECTS
from tests.reliability.outcome import Outcome, seen

# Says that it is at work, that it was told to end, and then waits for a word before it does. A FIFO has no race.
_PACKER = (
    fakes.PACKER.replace(
        "case $FAKE in\nstep)",
        """case $FAKE in
slow)
  trap 'echo ended > said; read -r _ < go; exit 1' TERM
  echo begun > said
  sleep 300 & wait ;;
step)""",
    )
    .replace("> said", '> "$SAID"')
    .replace("< go", '< "$GO"')
)


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has signals, and `times`: once, twice, or again while things are put away."""
    for name in choose(how["signals"]):
        for times in how["times"]:
            place = bench.fresh(SUBJECTS["build"])
            ran = _signalled(bench, place, signal.Signals[f"SIG{name}"], times)
            yield seen(bench, place, f"SIG{name} {times}", ran)


def _signalled(bench: Bench, place: Place, signum: int, times: str) -> Ran:
    said, go = place.root / "said", place.root / "go"
    os.mkfifo(said)
    os.mkfifo(go)
    packer = str(fakes.packer(place.root, _PACKER))
    env = place.whole_env({"FAKE": "slow", "NODEBAKE_PACKER": packer, "SAID": str(said), "GO": str(go)})
    argv = bench.argv(place, "new")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True) as process:
        said.read_text()
        process.send_signal(signum)
        if times == "twice":
            process.send_signal(signum)
        said.read_text()
        if times == "while it puts away":
            process.send_signal(signal.SIGTERM)
            process.send_signal(signum)
        go.write_text("go\n")
        out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err, place.running(GONE))
