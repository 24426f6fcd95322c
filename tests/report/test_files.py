"""Which reports are written where; and that a wrong wish is refused before anything is booted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from generator import errors
from generator.model import Plan
from generator.prove import formats, record
from generator.report import files, matrix
from tests.conftest import ROOT
from tests.report import fixture

GOOD = {
    "image_sha256": "0",
    "profile": "node",
    "checks": ["a"],
    "unproven": [],
    "host": "tcg",
    "trials": [
        {
            "fault": "f",
            "setting": "s",
            "story": "t",
            "verdict": "killed",
            "predicted": ["a"],
            "red": ["a"],
            "seconds": 1,
        }
    ],
}


def refused(*names: str, proof: str | None = None) -> str:
    with pytest.raises(errors.NodebakeError) as caught:
        files.wanted("text", names, proof)
    assert caught.value.exit_code == errors.REFUSED
    return f"{caught.value.sentence} ({caught.value.hint})"


def test_forms_by_their_endings(tmp_path: Path) -> None:
    names = [str(tmp_path / f"r.{ending}") for ending in ("html", "json", "xml", "tap", "txt", "HTML")]
    wanted = files.wanted("json", names, None)
    wanted.write(fixture.bad())
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "r.HTML").read_text() == (tmp_path / "r.html").read_text()
    assert json.loads((tmp_path / "r.json").read_text())["ok"] is False
    assert ET.parse(tmp_path / "r.xml").getroot().tag == "testsuite"
    assert (tmp_path / "r.tap").read_text().startswith("TAP version 13\n")
    assert (tmp_path / "r.txt").read_text() == (fixture.HERE / "bad.txt").read_text()
    assert json.loads(wanted.printed(fixture.bad(), colour=True)) == json.loads((tmp_path / "r.json").read_text())


@pytest.mark.parametrize(
    ("form", "names", "pages"),
    [("text", [], False), ("html", [], True), ("text", ["a.json"], False), ("text", ["a.json", "a.html"], True)],
)
def test_only_a_page_wants_a_chart(form: str, names: list[str], pages: bool) -> None:
    assert files.wanted(form, names, None).pages is pages


def test_colour_is_for_a_terminal(tmp_path: Path) -> None:
    wanted = files.wanted("text", [str(tmp_path / "r.txt")], None)
    wanted.write(fixture.bad())
    assert "\x1b[1;31m" in wanted.printed(fixture.bad(), colour=True)
    assert "\x1b" not in (tmp_path / "r.txt").read_text()


def test_hostile_words_can_be_written(tmp_path: Path) -> None:
    names = [str(tmp_path / f"r{ending}") for ending in (".html", ".json", ".xml", ".tap", ".txt")]
    files.wanted("text", names, None).write(fixture.hostile())
    for name in names:
        Path(name).read_text(encoding="utf-8")


def test_what_is_refused(tmp_path: Path) -> None:
    assert refused("r.pdf") == (
        "r.pdf: a report has its form by the ending of its name (known: .html, .json, .xml, .tap, .txt)"
    )
    assert refused("report").startswith("report: a report has its form by the ending")
    nowhere = tmp_path / "none" / "r.html"
    assert refused(str(nowhere)) == (
        f"{nowhere}: there is no such folder to write a report to (make it first, or name another place)"
    )
    (tmp_path / "r.html").mkdir()
    assert "there is no such folder to write a report to" in refused(str(tmp_path / "r.html"))
    same = str(tmp_path / "r.json")
    assert refused(same, same).startswith(f"{same}: two reports would be written to it")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("[]", "list indices"),
        ("{}", "image_sha256 is missing"),
        (json.dumps({**GOOD, "trials": [{"fault": "f"}]}), "is missing"),
        (json.dumps({**GOOD, "trials": 3}), "not iterable"),
        (json.dumps({**GOOD, "trials": [{**GOOD["trials"][0], "seconds": "long"}]}), "could not convert"),
        (json.dumps({**GOOD, "trials": [{**GOOD["trials"][0], "seconds": 10**400}]}), "too large"),
        ("[" * 100_000, "recursion"),
    ],
    ids=["empty", "list", "nothing", "half a trial", "number", "seconds", "overflow", "deep"],
)
def test_what_is_no_proof(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "proof.json"
    path.write_text(text)
    told = refused(proof=str(path))
    assert told.startswith(f"{path} is no result of nodebake prove: ")
    assert why in told
    assert told.endswith("(write one: nodebake prove IMAGE --format json > FILE)")


def test_a_proof_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file or directory" in refused(proof=str(tmp_path / "none.json"))


def test_a_proof_is_read(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(GOOD))
    proof = files.wanted("html", [], str(path)).proof
    assert proof is not None
    assert (proof.killed, proof.rate, proof.columns) == (1, 100, ("a",))


def test_what_prove_prints_is_read(k8s_node: Plan, tmp_path: Path) -> None:
    """The real thing, and not our idea of it."""
    killed, survived = (fault for fault in k8s_node.faults[:2])
    trials = (record.Trial(killed, killed.red, seconds=31.0), record.Trial(survived, frozenset(), seconds=32.0))
    proof = record.Proof(
        "a.qcow2", "ab" * 32, "node", "cd" * 32, "debian-13", k8s_node.expects, trials, True, "tcg", 63.0
    )
    path = tmp_path / "proof.json"
    path.write_text(formats.as_json(proof))
    read = files.wanted("html", [], str(path)).proof
    assert read is not None
    assert [(one.fault, one.outcome) for one in read.trials] == [(killed.id, "killed"), (survived.id, "survived")]
    assert (read.image_sha256, read.rate, read.trials[0].red) == ("ab" * 32, 50, killed.red)
    assert read.checks == tuple(expect.id for expect in k8s_node.expects)


@pytest.mark.parametrize(("killed", "of", "rate"), [(0, 0, 0), (0, 3, 0), (199, 200, 99), (200, 200, 100)])
def test_the_rate_is_whole_only_where_none_is_left(killed: int, of: int, rate: int) -> None:
    none: frozenset[str] = frozenset()
    trials = tuple(
        matrix.Trial("f", "s", "t", none, none, "killed" if number < killed else "survived", 1.0)
        for number in range(of)
    )
    assert matrix.Matrix("", "", (), trials, (), "").rate == rate


def test_a_wrong_wish_is_told_before_the_image_is_looked_at(tmp_path: Path) -> None:
    argv = ("verify", tmp_path / "none.qcow2", "--profile", ROOT / "profiles/k8s-node.yaml", "--report", "r.pdf")
    done = subprocess.run(
        [sys.executable, "-m", "generator", *map(str, argv)],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == errors.REFUSED
    assert done.stderr.decode().startswith("nodebake: r.pdf: a report has its form by the ending of its name\n")


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one stays, and nothing else, if the disk has no room for this one."""
    path = tmp_path / "r.json"
    path.write_text("{}")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(errors.ToolError, match=r"r\.json: No space left on device"):
        files.wanted("text", [str(path)], None).write(fixture.bad())
    assert [one.name for one in tmp_path.iterdir()] == ["r.json"]
    assert path.read_text() == "{}"


def test_a_report_goes_where_a_link_leads_and_into_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("there.json")
    files.wanted("text", [str(tmp_path / "link.json")], None).write(fixture.bad())
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "there.json").read_text())
