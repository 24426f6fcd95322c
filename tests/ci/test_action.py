"""The steps of the GitHub action, run as they are written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.ci import templates
from tests.conftest import HEAD, ROOT

RUN = "Run nodebake"
GOOD = HEAD + "swap: disabled\n"
BAD = HEAD + "modles: []\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What is the runner's own: with nodebake where the first step puts it."""
    folder = tmp_path / "home"
    templates.nodebake(folder / "nodebake/bin")
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "profiles/more").mkdir(parents=True)
    for name in ("profiles/a.yaml", "profiles/b c.yaml", "profiles/more/d.yaml", "-e.yaml", "$(touch f).yaml"):
        (folder / name).write_text(GOOD)
    return folder


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("profiles/a.yaml", ["profiles/a.yaml"]),
        ("profiles/*.yaml", ["profiles/a.yaml", "profiles/b c.yaml"]),
        ("profiles/**/*.yaml\n", ["profiles/a.yaml", "profiles/b c.yaml", "profiles/more/d.yaml"]),
        ("profiles/b c.yaml\nprofiles/a.yaml\n", ["profiles/b c.yaml", "profiles/a.yaml"]),
        ("-e.yaml", ["-e.yaml"]),
        ("$(touch f).yaml", ["$(touch f).yaml"]),
    ],
)
def test_check(files: str, told: list[str], work: Path, home: Path) -> None:
    ran = templates.run_step(RUN, {"files": files}, work, home)
    assert (ran.returncode, ran.stdout) == (0, "".join(f"{name}: fine\n" for name in told)), ran.stderr
    assert not (work / "f").exists()


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"files": "none/*.yaml"}, "::error::nodebake: no file is called none/*.yaml"),
        ({"files": ""}, "::error::nodebake: no file is called "),
        ({"files": "-e.yaml", "run": "rm"}, "::error::nodebake: run is check, build or pipeline, not rm"),
        ({"files": "profiles/*.yaml", "run": "pipeline"}, "::error::nodebake: one pipeline is run at a time"),
    ],
)
def test_refused(inputs: dict[str, str], said: str, work: Path, home: Path) -> None:
    ran = templates.run_step(RUN, inputs, work, home)
    assert (ran.returncode, ran.stdout) == (2, f"{said}\n"), ran.stderr


def test_a_finding_is_shown_at_its_line(work: Path, home: Path) -> None:
    (work / "bad.yaml").write_text(BAD + "kubernetes: {version: '1.34', cni: none, proxy: none, swap: limited}\n")
    ran = templates.run_step(RUN, {"files": "bad.yaml"}, work, home)
    assert ran.returncode == 2
    matcher = json.loads((ROOT / "ci/problem-matcher.json").read_text())["problemMatcher"][0]["pattern"][0]
    found = [re.fullmatch(matcher["regexp"], line) for line in ran.stderr.splitlines()]
    first = next(one for one in found if one)
    wanted = ("file", "line", "column", "code", "severity", "message")
    assert [first[matcher[key]] for key in wanted[:5]] == ["bad.yaml", "3", "1", "modles", None]
    assert first[matcher["message"]] == "there is no setting 'modles' here (did you mean modules?)"


def test_a_warning_is_told_as_one() -> None:
    matcher = json.loads((ROOT / "ci/problem-matcher.json").read_text())["problemMatcher"][0]["pattern"][0]
    line = "p/a.yaml:3:7: base: warning: of rocky-10 there are facts alone: it was not booted (nodebake base list)"
    found = re.fullmatch(matcher["regexp"], line)
    assert found
    assert (found[matcher["severity"]], found[matcher["code"]]) == ("warning", "base")
    assert found[matcher["message"]].startswith("of rocky-10 there are facts alone")
    assert not re.fullmatch(matcher["regexp"], "nodebake: verify node.qcow2: done in 3 s")


ASKED = """\
case $1 in
  build) shift; for last; do :; done; name=$(basename "$last" .yaml); mkdir -p "out/$name"
    echo "out/$name/$name.qcow2"; echo "out/$name/$name.vmdk" ;;
  verify) while [ $# -gt 0 ]; do [ "$1" != --report ] || echo "a verdict of $2" >"$2"; shift; done; exit "${CODE:-0}" ;;
esac
"""


def _asked(home: Path) -> list[list[str]]:
    text = (home / "nodebake/bin/nodebake.asked").read_text()
    return [call.splitlines() for call in text.split(f"{home}/nodebake/bin/nodebake\n")[1:]]


def test_build(work: Path, home: Path) -> None:
    """Which words it says, by a stand-in; the build itself is a boot's test."""
    templates.recorded(home / "nodebake/bin", "nodebake", ASKED)
    inputs = {"run": "build", "files": "profiles/*.yaml", "output": "out", "formats": "vmdk,vhd"}
    ran = templates.run_step(RUN, inputs, work, home)
    assert ran.returncode == 0, ran.stderr
    reports = [f"out/a/a.verify.{ending}" for ending in ("xml", "json", "txt")]
    assert _asked(home)[:2] == [
        ["build", "-o", "out", "--format", "vmdk,vhd", "--", "profiles/a.yaml"],
        [
            "verify",
            "out/a/a.qcow2",
            "--profile",
            "profiles/a.yaml",
            *(word for one in reports for word in ("--report", one)),
        ],
    ]
    assert _asked(home)[2][-1] == "profiles/b c.yaml"
    images = ["out/a/a.qcow2", "out/a/a.vmdk", "out/b c/b c.qcow2", "out/b c/b c.vmdk"]
    assert (home / "output").read_text().splitlines() == ["images<<nodebake-images", *images, "nodebake-images"]
    assert "a verdict of out/a/a.verify.txt" in (home / "summary").read_text()


def test_a_red_verdict_is_told_and_ends_the_step(work: Path, home: Path) -> None:
    templates.recorded(home / "nodebake/bin", "nodebake", ASKED)
    ran = templates.run_step(RUN, {"run": "build", "files": "profiles/*.yaml"}, work, home, CODE="1")
    assert ran.returncode == 1
    assert len(_asked(home)) == 2
    assert _asked(home)[0] == ["build", "-o", "output", "--", "profiles/a.yaml"]
    assert "a verdict of" in (home / "summary").read_text()
    assert not (home / "output").exists()


def test_pipeline(work: Path, home: Path) -> None:
    templates.recorded(home / "nodebake/bin", "nodebake")
    ran = templates.run_step(RUN, {"run": "pipeline", "files": "-e.yaml"}, work, home)
    assert ran.returncode == 0, ran.stderr
    assert _asked(home) == [["pipeline", "run", "-o", "output", "--", "-e.yaml"]]


def test_packages(work: Path, home: Path, tmp_path: Path) -> None:
    templates.recorded(tmp_path / "bin", "sudo")
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    ran = templates.run_step("Install what it needs", {"files": "x", "run": "build"}, work, home, PATH=path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "bin/sudo.asked").read_text().splitlines()[1:4] == ["apt-get", "-qq", "update"]
    assert templates.step("Install what it needs")["if"] == "inputs.run != 'check' && inputs.packages == 'true'"


@pytest.mark.boots
@pytest.mark.long
def test_installed_by_its_own_step(work: Path, tmp_path: Path) -> None:
    """With pip and its registry, as on a runner; then the check with what was installed."""
    home = tmp_path / "runner"
    home.mkdir()
    ran = templates.run_step("Install nodebake", {"files": "x"}, work, home)
    assert ran.returncode == 0, ran.stderr
    assert f"::add-matcher::{ROOT}/ci/problem-matcher.json" in ran.stdout
    ran = templates.run_step(RUN, {"files": "profiles/a.yaml"}, work, home)
    assert (ran.returncode, ran.stdout) == (0, "profiles/a.yaml: fine\n"), ran.stderr


@pytest.mark.boots
@pytest.mark.long
def test_an_image_is_built_and_booted(tmp_path: Path, home: Path) -> None:
    profile = tmp_path / "k8s-node.yaml"
    profile.write_text((ROOT / "profiles/k8s-node.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    ran = templates.run_step(RUN, {"run": "build", "files": "k8s-node.yaml", "formats": "raw.zst"}, tmp_path, home)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    built = (home / "output").read_text().splitlines()[1:-1]
    assert [Path(path).name for path in built] == ["k8s-node.qcow2", "k8s-node.raw.zst"]
    assert "ok: " in (home / "summary").read_text()
