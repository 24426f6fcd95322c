"""The one HCL file, held against every Packer at hand: the installed one, and what $NODEBAKE_TEST_PACKERS names."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generator import data
from generator.image import login, packer

PACKERS = [packer.locate().path, *filter(None, os.environ.get("NODEBAKE_TEST_PACKERS", "").split(":"))]
NASTY = ["plain", "{{ 7*7 }}", '${env("HOME")}', "$(id)", "a,b", "'\"\\", "`id`", "%{ if true }", "é\n", "x" * 5000]


@pytest.fixture
def room(tmp_path: Path) -> Path:
    shutil.copytree(data.PACKER, tmp_path / "packer")
    (tmp_path / "upload").mkdir()
    (tmp_path / "upload" / "apply.sh").write_text("# {{ nothing }} ${of} this is read by Packer\n")
    (tmp_path / "base.qcow2").touch()
    login.prepare(tmp_path, "credential")
    return tmp_path


def validate(program: str, room: Path, **variables: object) -> tuple[int, str]:
    (room / "v.pkrvars.json").write_text(json.dumps({"ssh_port": 2222, **variables}))
    argv = [program, "validate", "-var-file=v.pkrvars.json", "packer/build.pkr.hcl"]
    done = subprocess.run(argv, cwd=room, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("program", PACKERS)
@pytest.mark.parametrize("road", ["credential", "seed"])
def test_it_holds(program: str, room: Path, road: login.Road) -> None:
    for name in ("key", "host_key"):
        (room / name).unlink()
    code, said = validate(program, room, name="k8s-node", restrict="off", cpus=1, login=login.prepare(room, road))
    assert code == 0, said


@pytest.mark.parametrize("program", PACKERS)
@pytest.mark.parametrize("value", NASTY)
def test_a_nasty_upload_is_of_no_concern(program: str, room: Path, value: str) -> None:
    (room / "upload" / "files").mkdir()
    (room / "upload" / "files" / "0000").write_text(value)
    (room / "upload" / "apply.sh").write_text(value)
    code, said = validate(program, room)
    assert code == 0, said


@pytest.mark.parametrize("program", PACKERS)
def test_the_check_can_fail(program: str, room: Path) -> None:
    assert validate(program, room, cpus="many")[0] != 0
    (room / "upload" / "apply.sh").unlink()
    (room / "upload").rmdir()
    assert validate(program, room)[0] != 0


def test_go_templates_hold_nothing_but_packers_own_path() -> None:
    text = (data.PACKER / "build.pkr.hcl").read_text()
    assert set(re.findall(r"\{\{.*?\}\}", text)) == {"{{ .Path }}"}
    assert "required_plugins {" not in text


def test_every_variable_that_is_given_is_declared() -> None:
    declared = set(re.findall(r'^variable "(\w+)"', (data.PACKER / "build.pkr.hcl").read_text(), re.M))
    code = (Path(packer.__file__).parent / "__init__.py").read_text()
    given = set(re.findall(r'^        "(\w+)": ', code, re.M))
    assert given == declared
