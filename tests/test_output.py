"""What was there before stays, until what is new is whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from generator import errors, output
from generator.model import Artefact, Plan


def test_manifest_covers_every_artefact(tmp_path: Path, k8s_node: Plan) -> None:
    directory = tmp_path / "node"
    with output.hold(directory):
        output.publish(directory, k8s_node, [Artefact("a/b", b"x", 0o600)])
    manifest = json.loads((directory / "manifest.json").read_text())
    assert manifest["artefacts"] == {"a/b": hashlib.sha256(b"x").hexdigest()}
    assert manifest["profile"]["sha256"] == k8s_node.profile.digest
    assert (directory / "a/b").stat().st_mode & 0o777 == 0o600


def test_replaced_whole_but_images_stay(tmp_path: Path, k8s_node: Plan) -> None:
    directory = tmp_path / "node"
    with output.hold(directory):
        output.publish(directory, k8s_node, [Artefact("old", b"x")], image={"file": "node.qcow2"})
        (directory / "node.qcow2").write_bytes(b"image")
        output.publish(directory, k8s_node, [Artefact("new", b"y")])
    assert sorted(path.name for path in directory.iterdir()) == ["manifest.json", "new", "node.qcow2"]
    assert json.loads((directory / "manifest.json").read_text())["image"] == {"file": "node.qcow2"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".stage")] == []


def test_a_failure_leaves_the_old(tmp_path: Path, k8s_node: Plan) -> None:
    directory = tmp_path / "node"
    with output.hold(directory):
        output.publish(directory, k8s_node, [Artefact("old", b"x")])
        with pytest.raises(errors.ToolError, match="File exists"):
            output.publish(directory, k8s_node, [Artefact("twice", b"x"), Artefact("twice", b"y")])
    assert sorted(path.name for path in directory.iterdir()) == ["manifest.json", "old"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".stage")] == []


def test_two_at_once(tmp_path: Path) -> None:
    with output.hold(tmp_path / "node"), pytest.raises(errors.LockedError) as caught, output.hold(tmp_path / "node"):
        pass
    assert caught.value.exit_code == 75


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "node").symlink_to("/etc")
    with pytest.raises(errors.NodebakeError, match="is a link or a file") as caught, output.hold(tmp_path / "node"):
        pass
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("below", ["node", "deeper/node"])
def test_a_file_above_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(errors.NodebakeError) as caught, output.hold(tmp_path / "file" / below):
        pass
    assert caught.value.exit_code == 2
    assert caught.value.sentence == f"{tmp_path}/file is a link or a file, and output goes into a directory"
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_left_overs_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".stage-node-abc").mkdir()
    with output.hold(tmp_path / "node"):
        assert not (tmp_path / ".stage-node-abc").exists()
