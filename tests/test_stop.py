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
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
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
