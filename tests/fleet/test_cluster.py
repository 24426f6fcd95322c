"""A fleet that a Dask cluster writes: the bytes of one machine, whatever dies meanwhile."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import dask
import pytest

from generator import errors, fleet
from generator.fleet.cluster import shards
from tests.conftest import ROOT
from tests.fleet.asked import asked_for, at_first_part, here, joined, parts_of
from tests.fleet.dask_processes import Cluster, cluster


def test_a_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has written its second part but for the name, and what it left is no part."""
    parts_of(monkeypatch, 150)
    with cluster(tmp_path, "first") as made:
        made.doomed("second", part=2)
        made.wait()
        asked = asked_for(tmp_path, 3001, made.address, str(tmp_path / "out"))
        outcome = fleet.write(asked)
        assert made.workers["second"].wait(60) == -signal.SIGKILL  # without its end there was nothing to survive
    assert (outcome.count, outcome.place) == (3001, f"file://{tmp_path}/out")
    assert joined(tmp_path / "out") == here(asked, tmp_path)
    parts = list((tmp_path / "out").glob("nodes-*/*"))
    assert len(parts) == 21
    assert {path.stat().st_mode & 0o777 for path in parts} == {0o600}
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _bytes(path)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_scheduler_is_killed(tmp_path: Path, two: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of an older run is touched."""
    out = tmp_path / "out"
    fleet.write(asked_for(tmp_path, 20, two.address, str(out)))
    before = joined(out)
    parts_of(monkeypatch, 20)
    asked = asked_for(tmp_path, 1000, two.address, str(out))
    at_first_part(monkeypatch, lambda: (two.scheduler.kill(), two.scheduler.wait()))
    with dask.config.set({"distributed.comm.timeouts.connect": "2s"}), pytest.raises(errors.ToolError) as caught:
        fleet.write(asked)
    assert caught.value.sentence == f"the Dask scheduler at {two.address} is gone, or was restarted"
    manifest = json.loads((out / "manifest.json").read_text())
    assert b"".join((out / part["name"]).read_bytes() for part in manifest["parts"]) == before


def test_all_workers_die_of_one_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask gives it up after so many; with a nanny they would come again, and here others come."""
    parts_of(monkeypatch, 10)
    dying = _dying(tmp_path)
    with cluster(tmp_path) as made:
        for number in range(4):
            made.worker(str(number), PYTHONPATH=f"{dying}:{ROOT}")
        made.wait()
        with pytest.raises(errors.ToolError, match=r"4 workers ended while they made nodes-\w+/part-000000.jsonl"):
            fleet.write(asked_for(tmp_path, 5, made.address, str(tmp_path / "out")))
    assert not (tmp_path / "out" / "manifest.json").exists()


def _dying(folder: Path) -> Path:
    """A sitecustomize.py with which a worker ends itself when it would write."""
    dying = folder / "dying"
    dying.mkdir()
    (dying / "sitecustomize.py").write_text(
        "import os, signal\nfrom generator import whole\n"
        "whole.file = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    return dying


def test_another_version(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "sitecustomize.py").write_text("import generator\ngenerator.__version__ = '0.0.9'\n")
    with cluster(tmp_path) as made:
        made.worker("old", PYTHONPATH=f"{other}:{ROOT}")
        made.wait()
        with pytest.raises(
            errors.ToolError, match=r"the worker .*, process \d+, has nodebake 0\.0\.9, and here is nod"
        ):
            fleet.write(asked_for(tmp_path, 5, made.address, str(tmp_path / "out")))


def test_no_nodebake_there(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "sitecustomize.py").write_text("import sys\nsys.modules['generator'] = None\n")
    with cluster(tmp_path) as made:
        made.worker("bare", PYTHONPATH=str(bare))
        made.wait()
        with pytest.raises(errors.ToolError, match=r"the cluster does not know nodebake: .*generator"):
            fleet.write(asked_for(tmp_path, 5, made.address, str(tmp_path / "out")))


def test_a_place_that_is_not_the_same_there(tmp_path: Path) -> None:
    with cluster(tmp_path, "first") as made, pytest.raises(errors.ToolError, match="from here it is not at memory://"):
        fleet.write(asked_for(tmp_path, 5, made.address, "memory://apart"))


def test_templates_of_another(tmp_path: Path, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_made", lambda _job: ({}, str))
    with pytest.raises(errors.ToolError, match="renders this profile otherwise than it is rendered here"):
        fleet.write(asked_for(tmp_path, 5, inside, "memory://other-templates"))
