"""What goes to a worker of a cluster, and what comes back: without Dask, the worker is a process of this machine."""

from __future__ import annotations

import dataclasses
import os
import pickle
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generator import errors, pipeline
from generator.base import keys, lock
from generator.pipeline import cluster, forms, page
from generator.pipeline.errand import Done
from generator.pipeline.work import Work
from tests.pipeline.conftest import PROFILE, Place, bakes
from tests.pipeline.stand_in import mark_tested
from tests.pipeline.test_run import reason


class Here:
    """A cluster of one worker, which is here."""

    def asked_of(self, _resource: str) -> bool:
        return True

    def tasks(self, errands: Mapping[str, bytes], _resources: Mapping[str, float]) -> Iterator[tuple[str, Any]]:
        for name, errand in errands.items():
            yield name, pickle.loads(errand)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def connected(_address: str) -> Iterator[Here]:
        yield Here()

    monkeypatch.setattr(cluster, "connected", connected)


def ran(place: Place, until: str, **more: Any) -> pipeline.Ran:
    return pipeline.run(pipeline.Asked(str(place.file), place.out, until=until, cluster="tcp://here:1", **more))


def works(place: Place) -> list[Work]:
    """The images as they are on the worker."""
    loaded = pipeline.load(str(place.file))
    out = place.root / "cache" / "pipelines" / "golden"
    return [Work(cell, loaded.pipeline, out) for cell in loaded.cells]


@pytest.fixture
def two(place: Place) -> Place:
    """Two profiles on one base."""
    place.profiles = ["node.yaml", "other.yaml"]
    place.extra = "prove: {faults: ['*']}\n"
    place.write()
    (place.root / "other.yaml").write_text(PROFILE.replace("name: node", "name: other") + place.base)
    return place


SUITE = '<testsuite name="of {}"><testcase name="a"/></testsuite>'


def test_what_came_of_an_image_is_told_by_the_names_of_here(two: Place) -> None:
    """All profiles are called the same on a worker, and its folders are not seen from here."""
    ran(two, "build")
    for work in works(two):
        mark_tested(work)
        (work.folder / "verify.xml").write_text(SUITE.format(work.cell.id))
        mine = two.out / work.cell.id
        mine.mkdir(parents=True)
        (mine / "prove.xml").write_text(SUITE.format("yesterday"))
        (mine / "verify.xml").write_text(SUITE.format("yesterday"))
    made = ran(two, "prove")
    assert made.ok, made
    cells = [work.cell for work in works(two)]
    assert [one.profile for one in made.outcomes] == ["node.yaml", "other.yaml"]
    assert [(one.cell, one.base, one.folder) for one in made.outcomes] == [
        (cell.id, cell.base, str(two.out / cell.id)) for cell in cells
    ]
    suites = [suite.get("name") for suite in ET.fromstring(forms.junit(made)).findall("testsuite")]
    assert suites == [name for cell in cells for name in (cell.id, f"{cell.id}: of {cell.id}")]
    text = page.html(made, two.out)
    for cell in cells:
        assert f'<th scope="row" class="id">{cell.profile}</th>' in text
        for name in ("verify.html", "verify.json", "proof.json"):
            assert f'<a href="{cell.id}/{name}">' in text
            assert (two.out / cell.id / name).read_bytes() == (works(two)[0].out / cell.id / name).read_bytes()


def test_what_stages_of_another_run_have_left_stays_where_it_is(place: Place) -> None:
    """On the worker it is not of today, and here this run says nothing of it."""
    mine, theirs = place.out / place.work().cell.id, works(place)[0].folder
    for folder in (mine, theirs):
        folder.mkdir(parents=True)
        (folder / "verify.xml").write_text(f"{folder}")
    made = ran(place, "build")
    assert made.ok, made
    assert (mine / "verify.xml").read_text() == f"{mine}"
    assert sorted(path.name for path in mine.iterdir()) == ["verify.xml"]


def test_results_that_cannot_be_written_cost_no_verdict(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.root / "out").write_text("no folder")
    work, told = place.work(), place.made("check")
    told = dataclasses.replace(told, stages=(pipeline.outcome.Stage("verify", "done"),), code=0)
    home = cluster._home(work, told, {"verify.xml": b"x"})
    assert (home.ok, home.cell) == (True, work.cell.id)
    assert "Not a directory" in capsys.readouterr().err


def test_only_results_are_taken(place: Place) -> None:
    """Whatever a worker calls its files."""
    done = Done("w", "t", files={"../../evil": b"", "profile.yaml": b""})
    told = dataclasses.replace(place.made("check"), stages=(pipeline.outcome.Stage("verify", "done"),))
    cluster._home(place.work(), told, done.files)
    assert not Path(place.out / place.work().cell.id).exists()


def locked(place: Place, content: bytes | None = None, **other: str) -> None:
    """A lock beside the profile."""
    pin = place.work().cell.plan.profile.base
    assert not isinstance(pin, str)
    made = lock.Lock(**{"base": pin.url, "variant": "stock", "image_sha256": pin.sha256, **other})
    (place.root / "node.lock.json").write_bytes(lock.write(made) if content is None else content)


@pytest.mark.parametrize("clustered", [False, True])
def test_a_base_that_is_not_as_locked_is_refused_wherever_it_is_baked(place: Place, clustered: bool) -> None:
    locked(place, image_sha256="0" * 64)
    (made,) = ran(place, "build").outcomes if clustered else (place.made("build"),)
    assert made.failure is not None
    assert (made.failure.name, made.code, bakes(place)) == ("build", errors.CHECK_FAILED, [])
    assert made.failure.told.startswith("the base is not what ")


def test_a_base_as_locked(place: Place) -> None:
    """That the lock was held is in the manifest."""
    locked(place)
    assert ran(place, "build").ok
    assert '"lock_sha256"' in (works(place)[0].folder / "manifest.json").read_text()
    locked(place, base="file:///another", image_sha256="0" * 64)
    assert ran(place, "build").ok


def test_what_is_no_lock_fails_its_image_alone(two: Place) -> None:
    locked(two, b"[]")
    node, other = ran(two, "build").outcomes
    assert (node.ok, other.ok) == (False, True)
    assert node.failure is not None
    assert "is no lock of nodebake" in node.failure.told


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_lock_that_cannot_be_read_is_said_first(place: Place, make: Callable[[Path], None]) -> None:
    make(place.root / "node.lock.json")
    with pytest.raises(errors.NodebakeError, match=r"node\.lock\.json is no lock of nodebake: it is not a regular"):
        ran(place, "build")


@pytest.mark.parametrize(
    ("more", "refresh", "flags"),
    [
        ({}, False, ()),
        ({"reread": True}, False, ("--reread",)),
        ({"fresh": True}, True, ("--refresh-base",)),
        ({"fresh": True}, False, ("--bake-anew",)),
        ({"fresh": True, "reread": True}, True, ("--reread", "--refresh-base")),
    ],
)
def test_what_was_asked_of_the_run_is_asked_of_the_worker(
    place: Place, more: dict[str, bool], refresh: bool, flags: tuple[str, ...]
) -> None:
    work = dataclasses.replace(place.work(), **more)
    assert cluster._errand(work, "build", refresh=refresh).flags == flags


def test_with_a_cluster_nothing_is_refreshed_here(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(place, "build")
    assert ran(place, "build").outcomes[0].unchanged
    monkeypatch.setattr(pipeline, "_refresh", None)
    (made,) = ran(place, "build", refresh=True).outcomes
    assert made.ok, made
    assert reason(made, "build") == "it was asked to be made anew"
    assert bakes(place) == ["node", "node"]


def test_other_code_of_the_same_version_makes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    here = keys.tool()
    monkeypatch.setattr(keys, "tool_now", lambda: "nodebake 0.1.0 another")
    with pytest.raises(errors.ToolError, match=f"has nodebake 0.1.0 another, and here is {here}"):
        ran(place, "build")
    assert bakes(place) == []
