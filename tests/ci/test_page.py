"""The workflows of docs/ci.md: of GitHub's schema, with inputs that the action has, of a matrix as it is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema.cli import main as check_jsonschema
from click.testing import CliRunner

from generator import cli
from tests.ci import templates
from tests.conftest import HEAD, ROOT

PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
GITHUB = PAGE.partition("## GitHub")[2].partition("## GitLab")[0]
BLOCKS = re.findall(r"```yaml\n(.*?)```", GITHUB, re.S)


def _steps(block: str) -> list[dict[str, Any]]:
    return [step for job in yaml.safe_load(block)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("block", BLOCKS)
def test_workflows(block: str, tmp_path: Path) -> None:
    path = tmp_path / "workflow.yml"
    path.write_text(f"on: push\n{block}", encoding="utf-8")
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", "vendor.github-workflows", str(path)])
    assert done.exit_code == 0, done.output
    inputs = templates.action()["inputs"]
    ours = [step["with"] for step in _steps(block) if step.get("uses", "").startswith("nodebake/")]
    assert ours
    for given in ours:
        assert given.keys() <= inputs.keys()
        assert {name for name, told in inputs.items() if told.get("required")} <= given.keys()


def test_inputs_are_told() -> None:
    assert re.findall(r"^\| `(\w+)` \|", GITHUB, re.M) == list(templates.action()["inputs"])


def test_a_matrix_is_written_and_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the last workflow asks of its matrix is what `pipeline matrix` tells, by the output that it names."""
    (block,) = (one for one in BLOCKS if "fromJSON" in one)
    (tmp_path / "node.yaml").write_text(HEAD + "swap: disabled\n")
    pipeline = tmp_path / "pipeline.yaml"
    pipeline.write_text("apiVersion: nodebake/v1\nkind: Pipeline\nname: p\nmatrix: {profiles: [node.yaml]}\n")
    assert cli.run(["pipeline", "matrix", "--format", "github", str(pipeline)]) == 0
    (row,) = json.loads(capsys.readouterr().out)["include"]
    assert set(re.findall(r"\bmatrix\.(\w+) }}", block)) == {"cell"} <= row.keys()
    jobs = yaml.safe_load(block)["jobs"]
    assert jobs["image"]["strategy"]["matrix"] == "${{ fromJSON(needs.matrix.outputs.matrix) }}"
    (step,) = (one for one in jobs["matrix"]["steps"] if one.get("id") == "matrix")
    assert 'echo "matrix=$matrix" >>"$GITHUB_OUTPUT"' in step["run"]
    assert jobs["matrix"]["outputs"] == {"matrix": "${{ steps.matrix.outputs.matrix }}"}
