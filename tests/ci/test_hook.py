"""pre-commit's hook: which files it takes, and what it says of them, by pre-commit itself."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import identify.identify
import pytest
import yaml

from tests.ci import templates
from tests.conftest import HEAD, ROOT


def _hook() -> dict[str, str]:
    return yaml.safe_load(templates.HOOKS.read_text(encoding="utf-8"))[0]


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("profiles/a.yaml", True),
        ("deploy/profiles/a.yml", True),
        ("profiles/a.txt", False),
        ("profiles/more/a.yaml", False),
        ("other-profiles/a.yaml", False),
        ("a.yaml", False),
    ],
)
def test_files(path: str, taken: bool) -> None:
    hook = _hook()
    tags = identify.identify.tags_from_filename(path)
    assert (bool(re.search(hook["files"], path)) and set(hook["types"]) <= tags) == taken


def test_the_entry_as_it_is_written(tmp_path: Path) -> None:
    templates.nodebake(tmp_path / "bin")
    (tmp_path / "a.yaml").write_text(HEAD + "modles: []\n")
    argv = [*shlex.split(_hook()["entry"]), "a.yaml"]
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "a.yaml:3:1: modles: there is no setting 'modles' here" in done.stderr


@pytest.mark.boots
@pytest.mark.long
def test_by_pre_commit(tmp_path: Path) -> None:
    """`pre-commit try-repo`, which installs this checkout as on anybody's machine: with pip and its registry."""
    git = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    env = {**os.environ, **git, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    repo = tmp_path / "repo"
    (repo / "profiles").mkdir(parents=True)
    (repo / "profiles/good.yaml").write_text(HEAD + "swap: disabled\n")
    (repo / "profiles/bad.yaml").write_text(HEAD + "modles: []\n")
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=repo, env=env, check=True)

    def tried(*files: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "nodebake-check", "--files", *files]
        return subprocess.run(argv, cwd=repo, env=env, capture_output=True, text=True, check=False)

    bad = tried("profiles/good.yaml", "profiles/bad.yaml")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "profiles/bad.yaml:3:1: modles: there is no setting 'modles' here" in bad.stdout
    good = tried("profiles/good.yaml")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout
