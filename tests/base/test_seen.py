"""Digests of files that were read before: taken only of the very same file, and only in a look."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from generator.base import seen

ONE, TWO = hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"two").hexdigest()


@pytest.fixture
def file(cache: Path, tmp_path: Path) -> Path:
    """One that nobody has changed for a while, as far as the clock of the file system tells."""
    path = tmp_path / "file"
    path.write_bytes(b"one")
    while time.time_ns() - path.stat().st_ctime_ns <= seen._SETTLED:
        time.sleep(0.01)
    return path


def _claim(path: Path, sha256: str) -> None:
    """What is remembered of it is another digest: so it is seen whether it is asked."""
    seen.remember(path, sha256)


def test_in_a_look_what_was_read_is_not_read_again(file: Path) -> None:
    assert seen.digest(file) == ONE
    _claim(file, "remembered")
    with seen.trusted():
        assert seen.digest(file) == "remembered"
    assert seen.digest(file) == ONE  # a build reads


def test_a_reading_is_remembered(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen.digest(file) == ONE
    monkeypatch.setattr(hashlib, "file_digest", None)
    with seen.trusted():
        assert seen.digest(file) == ONE


@pytest.mark.parametrize("how", ["written", "replaced", "touched back"])
def test_another_file_is_read(file: Path, how: str) -> None:
    seen.digest(file)
    before = file.stat()
    if how == "replaced":
        other = file.with_name("other")
        other.write_bytes(b"two")
        other.replace(file)
    else:
        file.write_bytes(b"two")
    if how == "touched back":  # of the same size and mtime; its ctime nobody sets
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with seen.trusted():
        assert seen.digest(file) == TWO


def test_what_was_changed_a_moment_ago_is_not_remembered(cache: Path, tmp_path: Path) -> None:
    """Another change could have the same times."""
    path = tmp_path / "file"
    path.write_bytes(b"one")
    os.utime(path)
    seen.digest(path)
    assert not list((cache.parent / "seen").glob("*.json"))


def test_a_memory_that_is_spoilt_is_none(file: Path, cache: Path) -> None:
    seen.digest(file)
    (memory,) = (cache.parent / "seen").glob("*.json")
    memory.write_text("{")
    with seen.trusted():
        assert seen.digest(file) == ONE


def test_where_nothing_can_be_remembered_all_is_read(file: Path, cache: Path) -> None:
    cache.parent.mkdir()
    (cache.parent / "seen").write_text("a file")
    assert seen.digest(file) == ONE
    with seen.trusted():
        assert seen.digest(file) == ONE
