"""Ctrl-C and SIGTERM at any moment of the program's start: one line, and the exit code of the signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Python imports this by itself before it runs a program. The signal is real, and comes when the module is looked for.
HOOK = """
import os, sys

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["STOP_AT"]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), int(os.environ["STOP_BY"]))

sys.meta_path.insert(0, Stop())
"""
MODULES = [
    "generator.cli",
    "argparse",
    "generator.commands",
    "jsonschema",
    "generator.settings.swap",
    "generator.verify",
]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_while_it_starts(tmp_path: Path, module: str, signum: int, code: int) -> None:
    done = _stopped(tmp_path, module, signum)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == "nodebake: interrupted; nothing was published\n"


def test_a_signal_that_the_caller_ignores(tmp_path: Path) -> None:
    """What a shell puts into the background ignores Ctrl-C."""
    done = _stopped(tmp_path, "generator.commands", signal.SIGINT, "trap '' INT; ")
    assert done.returncode == 1
    assert done.stderr == ""


def _stopped(folder: Path, module: str, signum: int, before: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(HOOK)
    env = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}", "STOP_AT": module, "STOP_BY": str(int(signum))}
    verb = ["-m", "generator", "judge", "--profile", str(ROOT / "profiles/k8s-node.yaml")]
    argv = ["sh", "-c", f'{before}exec "$@"', "sh", sys.executable, *verb]
    return subprocess.run(argv, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, check=False)


def test_the_console_script_starts_there() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"nodebake": "generator.__main__:main"}


_WORK = """
import os, signal, sys
from generator import cli, commands, stop
def work(_):
    try:
        {work}
    finally:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        print("put away")
    return 0
commands.doctor = work
stop.at_once()
sys.exit(cli.run(["doctor"]))
"""


def _worked(work: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", _WORK.format(work=work)]
    return subprocess.run(
        argv, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_second_one_while_things_are_put_away(name: str) -> None:
    done = _worked(f"os.kill(os.getpid(), signal.{name})")
    assert (done.returncode, done.stdout) == (128 + getattr(signal, name), "put away\n")
    assert done.stderr == "nodebake: interrupted; nothing was published\n"


def test_one_that_comes_too_late() -> None:
    """What is published must not be said to be nothing."""
    done = _worked("stop.too_late()")
    assert (done.returncode, done.stdout, done.stderr) == (0, "put away\n", "")


def test_one_that_is_postponed() -> None:
    work = "with stop.postponed(): os.kill(os.getpid(), signal.SIGTERM); print('to its end')"
    done = _worked(work)
    assert (done.returncode, done.stdout) == (143, "to its end\nput away\n")


_MODULE = """
import os, sys
from generator import cli, commands, stop
def work(_):
    exec(f"os.kill(os.getpid(), {os.environ['STOP_BY']})")
commands.doctor = work
stop.at_once()
sys.exit(cli.run(["doctor"]))
"""


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_while_source_is_executed(tmp_path: Path, signum: int, code: int) -> None:
    """As when a dataclass is made. Of a plain KeyboardInterrupt CPython would end `python -m` by SIGINT, each time."""
    (tmp_path / "stopped.py").write_text(_MODULE)
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "STOP_BY": str(int(signum))}
    argv = [sys.executable, "-m", "stopped"]
    done = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (code, "nodebake: interrupted; nothing was published\n")
