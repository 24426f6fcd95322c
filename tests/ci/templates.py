"""The templates as their hosts read them, and their scripts run as these run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

ACTION = ROOT / "action.yml"
GITLAB = ROOT / "ci/gitlab.yml"
DEFAULT = ROOT / "ci/gitlab-default.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
_EXPRESSION = re.compile(r"\$\{\{ *([a-z._]+) *\}\}")

Ran = subprocess.CompletedProcess[str]


class _Loader(yaml.SafeLoader):
    """With GitLab's tag !reference, which stands for what is at a place."""


_Loader.add_constructor("!reference", lambda loader, node: {"!reference": loader.construct_sequence(node)})


def action() -> dict[str, Any]:
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))


def gitlab(path: Path = GITLAB) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def step(name: str) -> dict[str, Any]:
    return next(one for one in action()["runs"]["steps"] if one["name"] == name)


def run_step(name: str, inputs: Mapping[str, str], work: Path, home: Path, **env: str) -> Ran:
    """One step of the action as GitHub runs it: in the folder `work`, its own files in `home`."""
    one = step(name)
    given = {key: told.get("default", "") for key, told in action()["inputs"].items()} | dict(inputs)
    known = {f"inputs.{key}": value for key, value in given.items()} | {
        "github.action_path": str(ROOT),
        "github.token": "a token",
    }
    own = {key: _EXPRESSION.sub(lambda found: known[found[1]], value) for key, value in one.get("env", {}).items()}
    files = {
        "RUNNER_TEMP": str(home),
        "GITHUB_OUTPUT": str(home / "output"),
        "GITHUB_ENV": str(home / "env"),
        "GITHUB_STEP_SUMMARY": str(home / "summary"),
    }
    script = home / "step.sh"
    script.write_text(one["run"], encoding="utf-8")
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(
        argv, cwd=work, env={**os.environ, **files, **own, **env}, capture_output=True, text=True, check=False
    )


def job(name: str) -> dict[str, Any]:
    """A job with what it extends: mappings are merged, anything else is replaced."""
    own = gitlab()[name]
    return _merged(job(own["extends"]), own) if "extends" in own else own


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _merged(one.get(key), other[key]) if key in other else one[key] for key in {**one, **other}}
    return other


def lines(name: str, section: str) -> list[str]:
    """The lines of a job's section, with what they refer to."""
    found: list[str] = []
    for line in job(name)[section]:
        found += lines(*line["!reference"]) if isinstance(line, dict) else [line]
    return found


def run_job(name: str, section: str, variables: Mapping[str, str], work: Path, **env: str) -> Ran:
    """A section of a job as GitLab's shell runs it, with its variables."""
    given = {"CI_PROJECT_DIR": str(work)}
    for key, value in {**job(name).get("variables", {}), **variables}.items():
        given[key] = re.sub(r"\$(\w+)", lambda found: given.get(found[1], ""), value)
    script = "\n".join(["set -eo pipefail", *lines(name, section)])
    argv = ["bash", "--noprofile", "--norc", "-c", script]
    return subprocess.run(
        argv, cwd=work, env={**os.environ, **given, **env}, capture_output=True, text=True, check=False
    )


def program(path: Path, script: str) -> Path:
    """A program of a few lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(0o755)
    return path


def nodebake(folder: Path) -> Path:
    """This checkout's command, where a template expects it."""
    return program(folder / "nodebake", f'PYTHONPATH={ROOT} exec {sys.executable} -m generator "$@"\n')


def recorded(folder: Path, name: str, then: str = "") -> Path:
    """A program of the host's that writes down what it is asked, a word a line, instead of changing the host."""
    return program(folder / name, f'printf "%s\\n" "$0" "$@" >>{folder / name}.asked\n{then}')
