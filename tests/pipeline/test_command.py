"""The command line of pipelines: what is printed, what is written, the exit codes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from generator import cli, errors
from tests.pipeline.conftest import Place


def test_a_run_writes_its_page_and_its_junit_file(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["pipeline", "run", str(place.file), "-o", str(place.out), "--until", "build", "--explain-cache"]
    assert cli.run(argv) == 0
    out = capsys.readouterr().out
    assert "image" in out.splitlines()[0]
    assert "nothing like it was made before" in out
    assert "ok: 1 image, 0 published" in out
    assert "<title>Passed: golden, nodebake pipeline</title>" in (place.out / "index.html").read_text()
    suites = ET.parse(place.out / "junit.xml").getroot()
    assert [case.get("name") for case in suites.iter("testcase")] == ["check", "render", "build"]


def test_a_failure_has_its_exit_code(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE", "fail")
    argv = ["pipeline", "run", str(place.file), "-o", str(place.out), "--until", "build"]
    assert cli.run(argv) == errors.TOOL
    out = capsys.readouterr().out
    assert ": build: the build failed while applying: Script exited with non-zero exit status: 1\n" in out
    assert "1 failed: 1 image, 0 published" in out
    assert "Failed" in (place.out / "index.html").read_text()
    assert ET.parse(place.out / "junit.xml").getroot().find(".//failure") is not None


def test_as_json(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["pipeline", "run", str(place.file), "-o", str(place.out), "--until", "render", "--format", "json"]
    assert cli.run(argv) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"pipeline", "ok", "seconds", "images"}
    assert [stage["name"] for stage in told["images"][0]["stages"]] == ["check", "render"]


def test_check(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["pipeline", "check", str(place.file)]) == 0
    assert capsys.readouterr().out == f"{place.file}: fine, 1 images\n"
    place.write("apiVersion: nodebake/v1\nname: node\nmodles: [overlay]\n")
    assert cli.run(["pipeline", "check", str(place.file)]) == errors.REFUSED
    assert "node.yaml:3:1: modles: there is no setting 'modles' here" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["check", "run", "matrix"])
def test_stdin_has_no_place(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["pipeline", verb, "-"]) == errors.REFUSED
    assert "a pipeline is not read from stdin" in capsys.readouterr().err


def test_no_job(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["pipeline", "run", str(place.file), "--jobs", "0"]) == errors.REFUSED
    assert "--jobs wants at least 1" in capsys.readouterr().err
