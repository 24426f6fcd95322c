"""What says that it is a regular file, and has its reader wait all the same: /proc/kmsg, for root alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator import regular


@pytest.fixture
def pretender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pretender"
    os.mkfifo(path)
    os.open(path, os.O_RDWR)  # its writer, who says nothing
    monkeypatch.setattr(regular.stat, "S_ISREG", lambda _mode: True)
    return path


@pytest.mark.parametrize("count", [-1, 10, 1 << 20])
def test_it_is_not_waited_for(count: int, pretender: Path) -> None:
    with regular.opened(pretender) as file, pytest.raises(regular.NotRegularError, match="it is not a regular file"):
        file.read(count)


@pytest.mark.parametrize("count", [-1, 2 << 20])
def test_a_file_is_read_whole(count: int, tmp_path: Path) -> None:
    content = os.urandom((1 << 20) + 1)
    (tmp_path / "file").write_bytes(content)
    with regular.opened(tmp_path / "file") as file:
        assert file.read(3) + file.read(count) == content
    assert regular.read(tmp_path / "file", 2 << 20) == content
