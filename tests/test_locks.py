"""Locks that know their file, and folders that the next run sweeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from generator import locks, scratch
from tests.conftest import ROOT


def test_two_at_once(tmp_path: Path) -> None:
    with locks.held(tmp_path / "lock"), pytest.raises(BlockingIOError), locks.held(tmp_path / "lock"):
        pass
    with locks.held(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_lock_of_a_file_that_is_gone_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool) -> None:
    """Somebody removes it, or puts another there, between our opening it and our getting the lock."""
    lock, take, seen = tmp_path / "lock", locks._lock, []

    def late(descriptor: int, wait: object) -> None:
        if not seen:
            lock.unlink()
            if replaced:
                lock.touch()
        take(descriptor, None)
        seen.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(locks, "_lock", late)
    with locks.held(lock):
        assert len(seen) == 2
        assert lock.stat().st_ino == seen[-1]


def test_a_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "lock").symlink_to("theirs")
    with pytest.raises(OSError, match="Too many levels of symbolic links"), locks.held(tmp_path / "lock"):
        pass
    assert (tmp_path / "theirs").read_text() == "theirs"


_KILLED = """
import os, signal, sys
from pathlib import Path
from generator import scratch
with scratch.folder(Path(sys.argv[1]), "work.") as folder:
    (folder / "secret").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", _KILLED, str(tmp_path)]
    done = subprocess.run(argv, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [len(list(folder.iterdir())) for folder in tmp_path.iterdir()] == [1]
    with scratch.folder(tmp_path, "work.") as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_use_or_another_thing_is_not(tmp_path: Path) -> None:
    for name in ("work.abcdefgh.more", "work.more-abcdefgh", "other.abcdefgh"):
        (tmp_path / name).mkdir()
    (tmp_path / "work.filefile").write_text("a file")
    (tmp_path / "work.linklink").symlink_to("other.abcdefgh")
    there = sorted(tmp_path.iterdir())
    with scratch.folder(tmp_path, "work.") as first, scratch.folder(tmp_path, "work.") as second:
        assert sorted(tmp_path.iterdir()) == sorted([*there, first, second])
    assert sorted(tmp_path.iterdir()) == there


def test_a_folder_that_was_swept_before_it_was_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take, taken = locks.try_folder, []

    def late(path: Path) -> int:
        if not taken:
            taken.append(path)
            path.rmdir()
        return take(path)

    monkeypatch.setattr(locks, "try_folder", late)
    with scratch.folder(tmp_path, "work.") as folder:
        assert folder != taken[0]
        assert folder.is_dir()
