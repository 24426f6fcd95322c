"""A small base, and a temporary folder of the test's own, so that what is left in it is seen."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.image import Request
from tests.image import fakes


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(path), "1M"], check=True)
    return path


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Not below tmp_path, which is too long for a socket's name: a build would then take /tmp itself."""
    with tempfile.TemporaryDirectory(prefix="nbt-", dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


@pytest.fixture
def request_(tmp_path: Path, base: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    """With a fake Packer in place; set $FAKE to choose what it does."""
    monkeypatch.setenv("NODEBAKE_PACKER", str(fakes.packer(tmp_path)))
    monkeypatch.setenv("FAKE", "")
    monkeypatch.setenv("FAKE_PID", str(tmp_path / "pid"))
    return fakes.request(tmp_path, base)
