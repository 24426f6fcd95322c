"""What goes to a worker of a cluster, and what comes back: without Dask, the worker is a process of this machine."""

from __future__ import annotations

import dataclasses
import pickle
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.pipeline import cluster, forms, page
from generator.pipeline.errand import Done
from generator.pipeline.work import Work
from tests.pipeline.conftest import PROFILE, Place, mark_tested


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
