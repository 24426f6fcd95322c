"""The command that has a cluster write: what it refuses, what it says, how it ends."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from generator import errors, fleet, stop
from tests.conftest import ROOT
from tests.fleet.asked import asked_for, here, joined
from tests.fleet.dask_processes import cluster


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"output": ""}, "a cluster writes to a place that all its machines reach, and none is named"),
        ({"output": "-"}, "a cluster writes to a place that all its machines reach, and none is named"),
        ({"to": "terraform"}, "a cluster writes parts, and terraform does not come in parts"),
        ({"to": "iso"}, "a cluster writes parts, and iso does not come in parts"),
        ({"cluster": "nonsense://x"}, "'nonsense://x' is no address of a scheduler: "),
        ({"output": "nonsense://x"}, "nonsense://x is no place to write to: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_refused(tmp_path: Path, inside: str, more: dict[str, str], says: str) -> None:
    asked = dataclasses.replace(asked_for(tmp_path, 5, inside, str(tmp_path / "out")), **more)
    with pytest.raises(errors.NodebakeError) as caught:
        fleet.write(asked)
    assert caught.value.exit_code == errors.REFUSED
    assert says in caught.value.sentence


def test_a_login_is_not_told(tmp_path: Path, inside: str) -> None:
    with pytest.raises(errors.NodebakeError, match=r"nonsense://\*\*\*@host") as caught:
        fleet.write(asked_for(tmp_path, 5, inside, "nonsense://me:secret@host/x"))
    assert "secret" not in f"{caught.value.sentence} {caught.value.hint}"


def _argv(asked: fleet.Request) -> list[str]:
    argv = [sys.executable, "-m", "generator", "fleet", asked.profile, "--nodes", asked.nodes, "--to", asked.to]
    return [*argv, "-o", asked.output, "--cluster", asked.cluster]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def _command(asked: fleet.Request, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_argv(asked), capture_output=True, check=False, env=_environment(**more), text=True)


@pytest.mark.parametrize("listening", [False, True], ids=["nobody", "no scheduler"])
def test_nobody_answers(tmp_path: Path, listening: bool) -> None:
    """How long it is tried is Dask's own setting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not listening:
            server.close()
        done = _command(
            asked_for(tmp_path, 5, address, str(tmp_path / "out")), DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s"
        )
    assert done.returncode == errors.TOOL
    assert f"nodebake: no Dask scheduler answers at {address}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_while_it_waits(tmp_path: Path) -> None:
    """Without a worker it waits for one, and says so; a signal ends it at once."""
    with cluster(tmp_path) as made:
        asked = asked_for(tmp_path, 5, made.address, str(tmp_path / "out"))
        running = subprocess.Popen(_argv(asked), stderr=subprocess.PIPE, text=True, env=_environment())
        assert running.stderr is not None
        said = []
        for line in running.stderr:
            said.append(line)
            if "writing 5" in line:
                running.send_signal(signal.SIGINT)
        assert running.wait() == errors.INTERRUPTED
    assert "nodebake: the scheduler has no worker yet; it goes on when the first one comes\n" in said
    assert said[-1] == f"nodebake: {stop.SAYS}\n"
    assert "Traceback" not in "".join(said)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("module", ["distributed", "fsspec"])
def test_dask_is_not_installed(tmp_path: Path, inside: str, module: str) -> None:
    without = tmp_path / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text(f"import sys\nsys.modules['{module}'] = None\n")
    asked = asked_for(tmp_path, 5, inside, str(tmp_path / "out"))
    done = _command(asked, PYTHONPATH=f"{without}:{ROOT}")
    assert done.returncode == errors.TOOL
    assert "nodebake: --cluster needs Dask, and there is no Python module" in done.stderr
    assert "pip install 'nodebake[cluster]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command(tmp_path: Path, inside: str) -> None:
    asked = asked_for(tmp_path, 5, inside, f"file://{tmp_path}/out")
    done = _command(asked)
    assert (done.returncode, done.stdout) == (0, f"file://{tmp_path}/out\n")
    assert [line.partition(" [")[0] for line in done.stderr.splitlines()][-1] == "nodebake: 5 nodes written"
    assert joined(tmp_path / "out") == here(asked, tmp_path)


def test_one_machine_needs_no_dask(tmp_path: Path) -> None:
    """Neither check nor a fleet without a cluster imports it."""
    asked = asked_for(tmp_path, 1, "", str(tmp_path / "out"))
    script = (
        "import sys\nfrom generator import cli\n"
        f"assert cli.run(['check', {asked.profile!r}]) == 0\n"
        f"assert cli.run(['fleet', {asked.profile!r}, '--nodes', {asked.nodes!r}, '-o', {asked.output!r}]) == 0\n"
        "assert not {'dask', 'distributed', 'fsspec'} & set(sys.modules)\n"
    )
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, capture_output=True, check=False, text=True, env=_environment())
    assert done.returncode == 0, done.stderr
