"""What starts jobs elsewhere: GitHub's matrix on one line, and a child pipeline of GitLab's."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import cli
from generator.pipeline import ci
from generator.pipeline.cells import Cell
from tests.pipeline.conftest import HEAD, PROFILE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "node.yaml").write_text(PROFILE)
    path = tmp_path / "pipeline.yaml"
    path.write_text(f"{HEAD}matrix: {{profiles: [node.yaml], bases: [debian-13, debian-12]}}\n")
    return path


def printed(file: Path, form: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.run(["pipeline", "matrix", str(file), "--format", form]) == 0
    return capsys.readouterr().out


def test_github(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`echo "matrix=$(nodebake pipeline matrix ...)" >> $GITHUB_OUTPUT` takes one line, `fromJSON` an object."""
    out = printed(file, "github", capsys)
    assert out.count("\n") == 1
    include = json.loads(out)["include"]
    assert [one["cell"] for one in include] == ["node-debian-13", "node-debian-12"]
    assert {tuple(one) for one in include} == {("cell", "profile", "base", "kubernetes")}


def test_gitlab(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = yaml.safe_load(printed(file, "gitlab", capsys))
    assert told.pop("stages") == ["image"]
    assert list(told) == ["node-debian-13", "node-debian-12"]
    job = told["node-debian-13"]
    (script,) = job["script"]
    words = ["nodebake", "pipeline", "run", "--only", "node-debian-13", "-o", "output", "--", str(file)]
    assert shlex.split(script) == words
    assert job["artifacts"]["reports"] == {"junit": "output/junit.xml"}


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("published", "p/published/"),
        ("../output/published", "output/published/"),  # as pipelines/k8s.yaml has it
        ("..", "./"),
        ("../output", ""),  # where the image is made: nothing is added
        ("a [1]*$b", "p/a ?1???b/"),
        ("../../elsewhere", ""),
        ("file:///elsewhere", ""),
        ("s3://bucket/images", ""),
        ("", ""),
    ],
)
def test_what_is_published_in_the_project_comes_back(
    to: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitLab takes no artifacts from elsewhere; the jobs begin at the top of the project, as this one does."""
    (tmp_path / "project/p").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    Path("p/node.yaml").write_text(PROFILE)
    published = f"prove: {{faults: ['*']}}\npublish: {{to: '{to}'}}\n" if to else ""
    Path("p/pipeline.yaml").write_text(f"{HEAD}matrix: {{profiles: [node.yaml]}}\n{published}")
    job = yaml.safe_load(printed(Path("p/pipeline.yaml"), "gitlab", capsys))["node-debian-13"]
    assert [one for one in job["artifacts"]["paths"] if not one.startswith("output/node-debian-13")] == [
        "output/index.html",
        "output/junit.xml",
        *([f"{path}node-debian-13/"] if path else []),
    ]


def test_text(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(file, "text", capsys) == "node-debian-13\nnode-debian-12\n"


@given(source=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_a_name_is_one_word_whatever_is_in_it(source: str) -> None:
    made: Any = ci._job(Cell("a", "p", "b", "", b"", None), source, "")  # type: ignore[arg-type]
    assert shlex.split(made["script"][0])[-1] == source
