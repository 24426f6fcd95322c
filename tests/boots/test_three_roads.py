"""Three roads to one node: user-data, bootstrap.sh and a baked image end in one state, but for what a table says."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import guest
from generator import plan as planning
from generator import profile as profiles
from tests.boots.conftest import Ran, swap_base
from tests.conftest import ROOT
from tests.roads import compare, lives, snapshot, table
from tests.roads.lives import Life, Road
from tests.zoo import told

pytestmark = [pytest.mark.boots, pytest.mark.long]
PROFILE = ROOT / "tests/roads/profile.yaml"


@pytest.mark.parametrize("distro", ["debian-13"])
def test_three_roads(distro: str, tmp_path: Path, nodebake: Callable[..., Ran]) -> None:
    """The snapshots are kept in $NODEBAKE_ROADS, if that is set: `python -m tests.roads FOLDER` judges them again."""
    path = tmp_path / "roads.yaml"
    path.write_text(PROFILE.read_text(encoding="utf-8").replace("debian-13", distro), encoding="utf-8")
    built = nodebake("build", path, "-o", tmp_path, "--variant", "swap")
    assert built.code == 0
    seen = _lived(path, swap_base(distro), Path(built.out.strip()), tmp_path)
    for road, life in seen.items():
        _keep(road, life)
    first = seen["bootstrap"].first  # what a package brings no dry run can know, so that is not compared
    assert first["first run"][-1].startswith("nodebake: changed"), first["first run"]
    assert first["second run"][-1].startswith("nodebake: nothing to change"), first["second run"]
    assert "status: done" in seen["user-data"].first["cloud-init"]
    snapshots = {road: snapshot.read(life.snapshot) for road, life in seen.items()}
    for facts in snapshots.values():  # that they are the same says nothing if nobody did anything
        assert facts["sysctl", "net/ipv4/ip_forward"] == "1"
        assert facts["module", "br_netfilter"] == "loaded"
        assert facts["unit", "containerd.service"] == "loaded active running"
        assert facts["file", "/opt/roads/of-a-user"] == "f 640 ops ops"
        assert [name for kind, name in facts if kind == "swap"] == ["areas"]
    assert compare.problems(snapshots, table.load()) == []


def _lived(path: Path, stock: Path, image: Path, work: Path) -> dict[str, Life]:
    """Two at a time."""
    plan = planning.make(profiles.load(str(path)))
    roads = (
        Road("user-data", stock, seeded=True, fetches=True),
        Road("bootstrap", stock, live=told.bootstrapped(plan, ("first run", "second run")), fetches=True),
        Road("image", image),
    )
    jobs = [functools.partial(lives.live, road, plan, work) for road in roads]
    return dict(zip(table.ROADS, guest.run(guest.side_by_side(jobs)), strict=True))


def _keep(road: str, life: Life) -> None:
    if folder := os.environ.get("NODEBAKE_ROADS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{road}.txt").write_text(life.snapshot, encoding="utf-8")
