"""What was there before stays, until what is new is whole."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from generator import cli, errors, output
from generator.model import Artefact, Plan
from tests.conftest import ROOT

PROFILE = str(ROOT / "profiles/k8s-node.yaml")


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


def _published(directory: Path, plan: Plan, *paths: str) -> None:
    with output.hold(directory):
        output.publish(directory, plan, [Artefact(path, b"x") for path in paths])


def test_whatever_is_not_ours_stays(tmp_path: Path, k8s_node: Plan) -> None:
    """As what it is, and as private as it was; folders that only held artefacts go with them."""
    directory = tmp_path / "node"
    _published(directory, k8s_node, "packer/upload/files/0000", "packer/vars")
    (directory / "empty/below").mkdir(parents=True)
    (directory / "private").mkdir(0o700)
    (directory / "private/key").write_bytes(b"mine")
    (directory / "packer/mine").write_bytes(b"mine")
    os.mkfifo(directory / "pipe")
    (directory / "link").symlink_to("nowhere")
    (directory / "folder-link").symlink_to("private")
    before = {path: (directory / path).lstat() for path in ("private", "private/key", "packer/mine", "pipe", "link")}
    _published(directory, k8s_node, "packer/vars")
    found = sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))
    kept = [*before, "empty", "empty/below", "folder-link", "manifest.json", "packer", "packer/vars"]
    assert found == sorted(kept)
    for path, was in before.items():
        assert (directory / path).lstat().st_mode == was.st_mode
    for path in ("private/key", "pipe", "link"):
        assert (directory / path).lstat().st_ino == before[path].st_ino
    assert (directory / "folder-link").readlink() == Path("private")


def _may_not(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_what_may_not_be_linked_is_copied(tmp_path: Path, k8s_node: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's image, where the kernel protects hard links."""
    directory = tmp_path / "node"
    _published(directory, k8s_node, "old")
    (directory / "node.qcow2").write_bytes(b"image")
    (directory / "link").symlink_to("nowhere")
    os.utime(directory / "node.qcow2", (1, 1))
    monkeypatch.setattr(os, "link", _may_not)
    _published(directory, k8s_node, "new")
    assert sorted(path.name for path in directory.iterdir()) == ["link", "manifest.json", "new", "node.qcow2"]
    assert (directory / "node.qcow2").read_bytes() == b"image"
    assert (directory / "node.qcow2").stat().st_mtime == 1
    os.mkfifo(directory / "pipe")
    with pytest.raises(errors.ToolError, match="pipe"):
        _published(directory, k8s_node, "newer")
    assert (directory / "new").exists()
    assert (directory / "pipe").is_fifo()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes_do_not_hang_on_the_umask(tmp_path: Path, k8s_node: Plan, umask: int) -> None:
    before = os.umask(umask)
    try:
        _published(tmp_path / "node", k8s_node, "packer/upload/apply.sh")
    finally:
        os.umask(before)
    for path in (tmp_path / "node", *(tmp_path / "node").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


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


@pytest.mark.parametrize("verb", ["render", "build", "pipeline run"])
@pytest.mark.parametrize("slash", ["", "/", "/."])
def test_a_link_is_not_where_output_goes(
    verb: str, slash: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    link = f"{tmp_path}/link"
    assert cli.run([*verb.split(), PROFILE, "-o", link + slash]) == errors.REFUSED
    told = f"{link}{slash} is a link, and output goes into a folder\n  name what it leads to: -o {tmp_path}/real\n"
    assert capsys.readouterr().err == f"nodebake: {told}"
    assert list((tmp_path / "real").iterdir()) == []


def test_a_link_above_is_followed(tmp_path: Path) -> None:
    """As /tmp itself is one on some hosts."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert cli.run(["render", PROFILE, "-o", str(tmp_path / "link/out")]) == 0
    assert (tmp_path / "real/out/k8s-node/user-data").is_file()


@pytest.mark.parametrize("below", ["node", "deeper/node"])
def test_a_file_above_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(errors.NodebakeError) as caught, output.hold(tmp_path / "file" / below):
        pass
    assert caught.value.exit_code == 2
    assert caught.value.sentence == f"{tmp_path}/file is a link or a file, and output goes into a directory"
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_left_overs_are_swept(tmp_path: Path, k8s_node: Plan) -> None:
    """Those of this directory: node-2 is another, and somebody may just write it."""
    (tmp_path / ".stage-node-abcdefgh").mkdir()
    (tmp_path / ".stage-node-2-abcdefgh").mkdir()
    with output.hold(tmp_path / "node"):
        output.publish(tmp_path / "node", k8s_node, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".node.lock", ".stage-node-2-abcdefgh", "node"]
