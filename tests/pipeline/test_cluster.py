"""Images that a Dask cluster makes, by workers with the resource qemu; one of them is killed while it bakes."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from generator import errors, pipeline
from tests.fleet.dask_processes import Cluster, cluster
from tests.pipeline.conftest import Place, bakes

QEMU = {"DASK_DISTRIBUTED__WORKER__RESOURCES__QEMU": "1"}


def test_a_worker_is_killed_while_it_bakes(place: Place) -> None:
    """Its image is made by the other, and nothing of the first one is taken."""
    (place.root / "dask").mkdir()
    with cluster(place.root / "dask") as made:
        made.worker("first", FAKE="hang", NODEBAKE_CACHE=str(place.root / "one"), **QEMU)
        made.wait()
        killer = threading.Thread(target=_kill_at_work, args=(made, place), daemon=True)
        killer.start()
        asked = pipeline.Asked(str(place.file), place.out, until="build", cluster=made.address)
        ran = pipeline.run(asked)
        killer.join(60)
        assert made.workers["first"].wait(60) == -signal.SIGKILL
    (outcome,) = ran.outcomes
    assert outcome.ok, outcome
    assert (place.root / "two" / "pipelines" / "golden" / outcome.cell / "node.qcow2").is_file()
    assert bakes(place) == ["node"]  # the killed one had not come to that


def _kill_at_work(made: Cluster, place: Place) -> None:
    """Once its Packer is at work; the second worker comes only then, so that the first one has the image."""
    for _ in range(1200):
        if (place.root / "pid").exists() and (place.root / "pid").read_text():
            break
        time.sleep(0.05)
    made.worker("second", FAKE="", NODEBAKE_CACHE=str(place.root / "two"), **QEMU)
    made.workers["first"].kill()


def test_a_worker_without_qemu_gets_none(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.root / "dask").mkdir()
    with cluster(place.root / "dask", "plain") as made:
        later = threading.Timer(1.0, made.worker, ("able",), {"NODEBAKE_CACHE": str(place.root / "able"), **QEMU})
        later.start()
        asked = pipeline.Asked(str(place.file), place.out, until="build", cluster=made.address)
        (outcome,) = pipeline.run(asked).outcomes
        later.join()
    assert outcome.ok, outcome
    assert (place.root / "able" / "pipelines" / "golden" / outcome.cell / "node.qcow2").is_file()
    assert "no worker of the cluster has the resource qemu yet" in capsys.readouterr().err


def test_a_folder_of_this_machine_is_no_place_for_a_cluster(place: Place) -> None:
    with pytest.raises(errors.NodebakeError, match="a cluster publishes to a place that all its machines reach"):
        pipeline.run(pipeline.Asked(str(place.file), place.out, cluster="tcp://127.0.0.1:1"))
