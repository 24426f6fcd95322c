"""What doctor says of this host's disks; of its tools, see test_cli.py and image/test_packer.py."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from generator import data, doctor, errors
from generator.base import cache


@pytest.mark.parametrize("below", ["", "x", "x/y"])
@pytest.mark.parametrize("what", ["file", "link"])
def test_a_cache_that_cannot_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, below: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    monkeypatch.setenv("NODEBAKE_CACHE", str(tmp_path / what / below))
    found, here = doctor._disk()
    assert (found.ok, found.found) == (False, f"{tmp_path / what / below}: {tmp_path / what} is not a folder")
    assert here.ok


def test_a_cache_that_is_not_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEBAKE_CACHE", str(tmp_path / "x" / "y"))
    assert next(doctor._disk()).ok


def _nobody(uid: int) -> pwd.struct_passwd:
    raise KeyError(uid)


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that runs as a number."""
    for name in ("HOME", "NODEBAKE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", _nobody)
    assert data.cache_dir() == data.homeless_cache_dir()
    assert next(doctor._disk()).ok


def test_a_cache_where_anybody_could_have_been_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "nodebake"
    monkeypatch.setenv("NODEBAKE_CACHE", str(folder))
    monkeypatch.setattr(data, "homeless_cache_dir", lambda: folder)
    assert cache.root().is_dir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert cache.root().is_dir()
    folder.chmod(0o777)
    with pytest.raises(errors.ToolError, match="is not a folder of yours alone"):
        cache.root()
    folder.rename(tmp_path / "else")
    (tmp_path / "else").chmod(0o700)
    folder.symlink_to("else")
    with pytest.raises(errors.ToolError, match="is not a folder of yours alone"):
        cache.root()
