"""What `build --format` publishes: all forms in one step with the image, and none of an older one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from generator import cli, errors, forms, output
from generator.base import cache
from generator.forms import convert, manifest
from generator.model import Artefact, Image, Plan
from tests.conftest import ROOT

ARTEFACTS = (Artefact("user-data", b"#cloud-config\n"),)


def _publish(directory: Path, plan: Plan, image: Path, names: str, work: Path) -> None:
    work.mkdir()
    brought = Path(shutil.copy(image, work / "k8s-node.qcow2"))
    made, more = Image(brought, cache.digest(brought)), forms.chosen([names] if names else [])
    with output.hold(directory):
        others = convert.beside(made, more, plan.profile.name, print)
        told = {"sha256": made.sha256, **manifest.named(others)}
        output.publish(directory, plan, ARTEFACTS, told, [made.path, *(one.path for one in others)])


def _told(directory: Path) -> dict[str, str]:
    image = json.loads((directory / "manifest.json").read_text())["image"]
    return {row["file"]: row["sha256"] for row in image.get("forms", {}).values()}


def test_forms_come_and_go_with_their_image(k8s_node: Plan, image: Path, tmp_path: Path) -> None:
    out = tmp_path / "k8s-node"
    _publish(out, k8s_node, image, "vmdk,raw.zst", tmp_path / "one")
    names = {"k8s-node.vmdk", "k8s-node.raw.zst"}
    assert set(_told(out)) == names
    assert all(cache.digest(out / name) == sha256 for name, sha256 in _told(out).items())
    assert {path.name for path in out.iterdir()} == {*names, "k8s-node.qcow2", "user-data", "manifest.json"}
    assert b'SPARSE "k8s-node.vmdk"' in (out / "k8s-node.vmdk").read_bytes()[:2048]

    _publish(out, k8s_node, image, "vhd", tmp_path / "two")
    assert set(_told(out)) == {"k8s-node.vhd"}
    assert {path.name for path in out.iterdir()} == {"k8s-node.vhd", "k8s-node.qcow2", "user-data", "manifest.json"}

    with output.hold(out):
        output.publish(out, k8s_node, ARTEFACTS)  # a new user-data alone: the image is the same
    assert set(_told(out)) == {"k8s-node.vhd"}
    assert (out / "k8s-node.vhd").is_file()

    _publish(out, k8s_node, image, "", tmp_path / "three")
    assert _told(out) == {}
    assert {path.name for path in out.iterdir()} == {"k8s-node.qcow2", "user-data", "manifest.json"}


def test_a_manifest_takes_away_nothing_elsewhere(k8s_node: Plan, image: Path, tmp_path: Path) -> None:
    out = tmp_path / "k8s-node"
    out.mkdir()
    (tmp_path / "precious").write_text("kept")
    (out / "sub").mkdir()
    (out / "sub/file").write_text("kept")
    named = {"a": {"file": "../precious"}, "b": {"file": "sub/file"}, "c": {"file": ".."}, "d": 3}
    (out / "manifest.json").write_text(json.dumps({"image": {"forms": named}}))
    _publish(out, k8s_node, image, "", tmp_path / "work")
    assert (tmp_path / "precious").read_text() == (out / "sub/file").read_text() == "kept"


def test_build_refuses_a_form_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["build", str(ROOT / "profiles/k8s-node.yaml"), "-o", str(tmp_path), "--format", "qcow2,ova"]
    assert cli.run(words) == errors.REFUSED
    assert "there is no format 'ova'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
