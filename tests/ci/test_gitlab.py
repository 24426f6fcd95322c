"""GitLab's template: what each job comes to with what it extends, and its lines run as they are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ci import templates
from tests.conftest import HEAD, ROOT


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which nodebake is."""
    templates.nodebake(tmp_path / "bin")
    return f"{tmp_path / 'bin'}:{os.environ['PATH']}"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "profiles").mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"profiles/{name}.yaml").write_text(HEAD + "swap: disabled\n")
    return folder


def test_jobs() -> None:
    """All are hidden: who includes the file gets nothing that runs unasked."""
    assert all(name.startswith(".nodebake") for name in templates.gitlab())
    for name in (".nodebake-build", ".nodebake-pipeline"):
        assert templates.job(name)["image"] == "debian:bookworm"
        assert templates.lines(name, "before_script")[:2] == templates.lines(".nodebake", "before_script")[:2]


def test_jobs_of_a_child_pipeline_begin_as_others_do() -> None:
    default, own = templates.gitlab(templates.DEFAULT), templates.job(".nodebake-host")
    assert default["default"]["image"] == own["image"]
    assert default["default"]["before_script"] == [{"!reference": [".nodebake-host", "before_script"]}]
    assert default["variables"] == own["variables"]


def test_what_is_kept_between_jobs() -> None:
    """GitLab keeps what is in the project's folder and named by a path from there, and nothing else."""
    default, own = templates.gitlab(templates.DEFAULT), templates.job(".nodebake-host")
    for cache, variables in ((default["default"]["cache"], default["variables"]), (own["cache"], own["variables"])):
        (kept,) = cache["paths"]
        for name in ("NODEBAKE_CACHE", "PIP_CACHE_DIR"):
            assert variables[name].startswith(f"$CI_PROJECT_DIR/{kept}")
    assert "$CI_JOB_NAME" in default["default"]["cache"]["key"]
    assert default["default"]["cache"]["fallback_keys"] == [own["cache"]["key"]]


def test_check(work: Path, path: str) -> None:
    ran = templates.run_job(".nodebake-check", "script", {}, work, PATH=path)
    assert (ran.returncode, ran.stdout) == (0, "profiles/a.yaml: fine\nprofiles/b.yaml: fine\n"), ran.stderr


def test_check_fails_the_job(work: Path, path: str) -> None:
    (work / "profiles/b.yaml").write_text(HEAD + "modles: []\n")
    ran = templates.run_job(".nodebake-check", "script", {}, work, PATH=path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "profiles/b.yaml:3:1: modles: there is no setting 'modles' here" in ran.stderr


def test_build(work: Path, tmp_path: Path) -> None:
    told = 'case $1 in build) printf "%s\\n" out/n/n.qcow2 out/n/n.vmdk ;; esac\n'
    templates.recorded(tmp_path / "bin", "nodebake", told)
    given = {"NODEBAKE_PROFILE": "profiles/a.yaml", "NODEBAKE_FORMATS": "qcow2,vmdk", "NODEBAKE_OUTPUT": "out"}
    ran = templates.run_job(".nodebake-build", "script", given, work, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert ran.returncode == 0, ran.stderr
    words = (tmp_path / "bin/nodebake.asked").read_text().split(f"{tmp_path}/bin/nodebake\n")[1:]
    assert [call.split() for call in words] == [
        ["build", "-o", "out", "--format", "qcow2,vmdk", "--", "profiles/a.yaml"],
        [
            "verify",
            "out/n/n.qcow2",
            "--profile",
            "profiles/a.yaml",
            "--report",
            "out/verify.xml",
            "--report",
            "out/verify.html",
        ],
    ]
    artifacts = templates.job(".nodebake-build")["artifacts"]
    assert artifacts["reports"]["junit"] == "$NODEBAKE_OUTPUT/verify.xml"


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (".nodebake-pipeline", ["pipeline", "run", "-o", "output", "--", "p.yaml"]),
        (".nodebake-matrix", ["pipeline", "matrix", "--format", "gitlab", "--", "p.yaml"]),
    ],
)
def test_pipeline(job: str, words: list[str], work: Path, tmp_path: Path) -> None:
    templates.recorded(tmp_path / "bin", "nodebake")
    given = {"NODEBAKE_PIPELINE": "p.yaml"}
    ran = templates.run_job(job, "script", given, work, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "bin/nodebake.asked").read_text().split()[1:] == words


@pytest.mark.boots
@pytest.mark.long
def test_installed_by_its_own_lines(work: Path, tmp_path: Path) -> None:
    """With pip and its registry; apt-get is the host's, and only told."""
    templates.recorded(tmp_path / "bin", "apt-get")
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    given = {"NODEBAKE_VENV": str(tmp_path / "venv"), "NODEBAKE_PACKAGE": str(ROOT)}
    ran = templates.run_job(".nodebake-check", "before_script", given, work, PATH=path)
    assert ran.returncode == 0, ran.stderr
    assert "install" in (tmp_path / "bin/apt-get.asked").read_text().splitlines()
    ran = templates.run_job(".nodebake-check", "script", given, work, PATH=f"{tmp_path / 'venv/bin'}:{path}")
    assert ran.returncode == 0, ran.stderr
