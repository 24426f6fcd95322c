"""Every value of tests/literal/ is data in every format: read back by other parsers, it is what was written."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from generator import formats, seed
from generator import plan as planning
from generator.model import Plan
from tests import literal
from tests.oracle import shell

STEPS = "/run/nodebake/steps.sh"
LOOKED_INTO = {"packer/profile.pkrvars.json"}  # of what Packer is given, what it looks into


@pytest.fixture(params=literal.CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def plan(case: Path) -> Plan:
    return planning.load(str(case))


def _artefacts(plan: Plan) -> dict[str, bytes]:
    return {one.path: one.content for form in formats.stems().values() for one in form.artefacts(plan)}


def test_there_are_cases() -> None:
    assert len(literal.CASES) >= 30
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in literal.CASES)
    assert len(literal.wanted(literal.together())) > 100


def _written(config: Mapping[str, Any]) -> dict[str, bytes]:
    """What a cloud-config lays, as cc_write_files does."""
    entries = config["write_files"]
    assert len({entry["path"] for entry in entries}) == len(entries)
    return {entry["path"]: _decoded(entry) for entry in entries}


def _decoded(entry: Mapping[str, Any]) -> bytes:
    content: str = entry["content"]
    return base64.b64decode(content) if entry.get("encoding") == "b64" else content.encode()


def _carried(plan: Plan, script: str) -> dict[str, bytes]:
    """What a script lays, by a real shell: each of its here-documents, byte by byte."""
    return {call.words[2]: call.read for call in shell.calls(plan, script, "sh") if call.words[0].startswith("file_")}


def test_user_data(case: Path, plan: Plan) -> None:
    """By PyYAML, which cloud-init has, and by a parser of YAML 1.2: each finds the same, and what was written."""
    text = _artefacts(plan)["user-data"]
    assert text.startswith(b"#cloud-config\n")
    found = yaml.safe_load(text)
    newer = YAML(typ="safe", pure=True)
    newer.version = (1, 2)
    assert newer.load(io.BytesIO(text)) == found
    assert set(found) == {"write_files", "runcmd"}
    assert found["runcmd"] == [["sh", STEPS]]
    written = _written(found)
    steps = written.pop(STEPS).decode()
    laid = {**written, **_carried(plan, steps)}
    wanted = literal.wanted(literal.read(case))
    assert {path: laid[path] for path in wanted} == {path: file.content for path, file in wanted.items()}
    assert laid == {path: file.content for path, file in literal.planned_files(plan).items()}


def test_the_other_documents(case: Path, plan: Plan, tmp_path: Path) -> None:
    made, name = _artefacts(plan), literal.read(case)["name"]
    for document in ("meta-data", "network-config"):
        assert YAML(typ="safe", pure=True).load(io.BytesIO(made[document])) == yaml.safe_load(made[document])
    assert yaml.safe_load(made["meta-data"])["local-hostname"] == name
    (tmp_path / "seed.iso").write_bytes(made["seed.iso"])
    assert seed.read(tmp_path / "seed.iso") == {key: made[key] for key in ("user-data", "meta-data", "network-config")}


def test_bootstrap(case: Path, plan: Plan) -> None:
    laid = _carried(plan, _artefacts(plan)["bootstrap.sh"].decode())
    assert laid == {path: file.content for path, file in literal.planned_files(plan).items()}
    wanted = literal.wanted(literal.read(case))
    assert {path: laid[path] for path in wanted} == {path: file.content for path, file in wanted.items()}


def test_packer(case: Path, plan: Plan) -> None:
    """Packer looks into one file, which has the name; the rest it uploads, and a shell reads it from there."""
    made = {path: content for path, content in _artefacts(plan).items() if path.startswith("packer/")}
    assert {path for path in made if not path.startswith("packer/upload/")} == LOOKED_INTO
    variables = json.loads(made["packer/profile.pkrvars.json"])
    assert variables == {"name": literal.read(case)["name"]}
    assert "{{" not in json.dumps(variables)
    uploaded = [content for path, content in sorted(made.items()) if path.startswith("packer/upload/files/")]
    assert uploaded == [file.content for _, file in plan.files]
    wanted = literal.wanted(literal.read(case))
    assert all(
        wanted[file.path].content == uploaded[at] for at, (_, file) in enumerate(plan.files) if file.path in wanted
    )
