"""The templates against the schemas that their hosts publish, as check-jsonschema and pre-commit bring them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from check_jsonschema.cli import main as check_jsonschema
from click.testing import CliRunner
from pre_commit.main import main as pre_commit

from generator import cli, doctor, proc
from tests.ci import templates
from tests.conftest import ROOT

GITHUB = ["--builtin-schema", "vendor.github-actions"]
GITLAB = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
PRE_COMMIT = ["validate-manifest"]


def _run(words: list[str], path: Path) -> tuple[int, str]:
    """In this process: to import them takes seconds, and what they do does not."""
    if words is PRE_COMMIT:
        return pre_commit([*words, str(path)]), f"pre-commit {words} {path}"
    done = CliRunner().invoke(check_jsonschema, [*words, str(path)])
    return done.exit_code, done.output


def _shown(text: str) -> str:
    """GitLab's schema passes over hidden jobs: those that can be run, as they are when somebody extends them."""
    return re.sub(r"^\.(nodebake-(?!host:))", r"\1", text, flags=re.M)


@pytest.mark.parametrize(
    ("words", "path", "old", "new"),
    [
        (GITHUB, templates.ACTION, "using: composite", "using: composit"),
        (GITHUB, templates.ACTION, "      shell: bash\n", ""),
        (GITHUB, templates.ACTION, "    required: true", "    required: sometimes"),
        (GITLAB, templates.GITLAB, "    when: always", "    when: now-and-then"),
        (GITLAB, templates.GITLAB, "  script:\n", "  scripts:\n"),
        (GITLAB, templates.DEFAULT, "  - remote:", "  - remotely:"),
        (GITLAB, templates.DEFAULT, "    paths: [.cache/]", "    paths: .cache/"),
        (GITLAB, templates.DEFAULT, "    fallback_keys: [nodebake]", "    fallback_keys: nodebake"),
        (PRE_COMMIT, templates.HOOKS, "  entry: nodebake check\n", ""),
        (PRE_COMMIT, templates.HOOKS, "language: python", "language: pyton"),
    ],
)
def test_it_is_of_its_schema_and_the_schema_can_refuse(
    words: list[str], path: Path, old: str, new: str, tmp_path: Path
) -> None:
    assert _run(words, path)[0] == 0, _run(words, path)[1]
    text = _shown(path.read_text(encoding="utf-8"))
    assert old in text
    changed = tmp_path / path.name
    changed.write_text(text, encoding="utf-8")
    assert _run(words, changed)[0] == 0, _run(words, changed)[1]
    changed.write_text(text.replace(old, new), encoding="utf-8")
    assert _run(words, changed)[0] == 1


def test_a_child_pipeline_is_of_its_schema(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As it is written of the pipeline that is shipped, and told apart from what GitLab refuses."""
    assert cli.run(["pipeline", "matrix", "--format", "gitlab", str(ROOT / "pipelines/k8s.yaml")]) == 0
    path, text = tmp_path / "nodebake.yml", capsys.readouterr().out
    path.write_text(text, encoding="utf-8")
    assert _run(GITLAB, path)[0] == 0, _run(GITLAB, path)[1]
    path.write_text(text.replace('when: "always"', 'when: "now"'), encoding="utf-8")
    assert _run(GITLAB, path)[0] == 1


def test_no_input_becomes_a_script() -> None:
    """Of what a caller gives, only the environment: an expression within a script is text that bash would read."""
    for step in templates.action()["runs"]["steps"]:
        assert "${{" not in step["run"]


def test_scripts_are_sound(tmp_path: Path) -> None:
    scripts = {step["name"]: step["run"] for step in templates.action()["runs"]["steps"]}
    scripts |= {
        f"{name} {section}": "\n".join(templates.lines(name, section))
        for name in templates.gitlab()
        for section in ("before_script", "script")
        if section in templates.job(name)
    }
    assert len(scripts) > 8
    for number, script in enumerate(scripts.values()):
        (tmp_path / f"{number}.sh").write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    # SC2206, SC2086: globs are taken of what a caller gives. SC2154: variables of the host.
    argv = ["shellcheck", "-e", "SC2206,SC2086,SC2154", *sorted(tmp_path.glob("*.sh"))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _installed(text: str) -> set[str]:
    words = re.sub(r"\\\n", " ", text).split("--no-install-recommends install")[-1].splitlines()[0].split()
    return set(words)


def test_packages_are_those_that_doctor_asks_for() -> None:
    needed = {*proc.PACKAGES.values(), *doctor._FILES.values()}
    assert _installed(templates.step("Install what it needs")["run"]) == needed - {"packer"}  # which runners have
    assert _installed(templates.lines(".nodebake-host", "before_script")[-1]) == needed
