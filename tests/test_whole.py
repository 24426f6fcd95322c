"""One file, of one run at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator import errors, whole


def test_another_run_writes_it(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with whole.file(target) as out:
        out.write(b"first")
        with pytest.raises(errors.LockedError, match=f"^another nodebake is writing {target}$"), whole.file(target):
            pass
    assert target.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / ".stage-out").write_bytes(b"much more than there will be")
    (tmp_path / ".stage-out").chmod(0o644)
    with whole.file(tmp_path / "out") as out:
        out.write(b"new")
    assert (tmp_path / "out").read_bytes() == b"new"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["link", "second name", "folder", "pipe"])
def test_something_in_the_way(tmp_path: Path, kind: str) -> None:
    """Whoever can put a file there would otherwise get to read a fleet's secrets, or have another file emptied."""
    stage, theirs = tmp_path / ".stage-out", tmp_path / "theirs"
    theirs.write_text("theirs")
    makes = {
        "link": lambda: stage.symlink_to(theirs),
        "second name": lambda: os.link(theirs, stage),
        "folder": stage.mkdir,
        "pipe": lambda: os.mkfifo(stage),
    }
    makes[kind]()
    with (
        pytest.raises(errors.NodebakeError, match=r"\.stage-out is in the way") as caught,
        whole.file(tmp_path / "out"),
    ):
        pass
    assert caught.value.exit_code == errors.REFUSED
    assert theirs.read_text() == "theirs"


def test_many_that_share(tmp_path: Path) -> None:
    """Workers of a cluster, of which one may be lost and not dead."""
    target = tmp_path / "part"
    with whole.file(target, shared=True) as first, whole.file(target, shared=True) as second:
        first.write(b"same")
        second.write(b"same")
    assert target.read_bytes() == b"same"
    assert list(tmp_path.iterdir()) == [target]


def test_the_lock_of_what_was_just_published_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opened the unfinished file may get its lock when it has become the target: that must not be emptied."""
    target, stage, opened = tmp_path / "out", tmp_path / ".stage-out", []
    stage.write_bytes(b"theirs")
    flock = whole.fcntl.flock

    def late(descriptor: int, how: int) -> None:
        if not opened:
            opened.append(descriptor)
            stage.rename(target)
        flock(descriptor, how)

    monkeypatch.setattr(whole.fcntl, "flock", late)
    with whole.file(target):
        assert target.read_bytes() == b"theirs"
    assert target.read_bytes() == b""
