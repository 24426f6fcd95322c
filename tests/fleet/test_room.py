"""Room for a whole fleet: told by what its first nodes take, before thousands of files are written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from generator import errors, fleet, parts
from generator.fleet import room

PROFILE = "apiVersion: nodebake/v1\nname: worker\nmodules: [overlay]\n"
MIB = 1 << 20


def _asked(folder: Path, count: int, to: str, output: str = "out") -> fleet.Request:
    (folder / "worker.yaml").write_text(PROFILE)
    (folder / "nodes.csv").write_text("hostname\n" + "".join(f"n{number}\n" for number in range(count)))
    return fleet.Request(str(folder / "worker.yaml"), str(folder / "nodes.csv"), to=to, output=str(folder / output))


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what others write to the disks of this host."""
    monkeypatch.setattr(os, "sync", lambda: None)


def _disk(monkeypatch: pytest.MonkeyPatch, **other: int) -> list[Any]:
    """A disk of blocks of 4 KiB that has so much; every look at it."""
    has = {
        "blocks": 1 << 20,
        "bfree": 1 << 20,
        "bavail": 1 << 20,
        "files": 1 << 20,
        "ffree": 1 << 20,
        "favail": 1 << 20,
    }
    has |= other
    looks: list[Any] = []

    def told(place: Any) -> os.statvfs_result:
        looks.append(place)
        return os.statvfs_result((4096, 4096, *has.values(), 0, 255))

    monkeypatch.setattr(os, "statvfs", told)
    return looks


def _refused(asked: fleet.Request) -> errors.NodebakeError:
    with pytest.raises(errors.ToolError) as caught:
        fleet.write(asked)
    return caught.value


@pytest.mark.parametrize(
    ("to", "count", "more"),
    [("tree", 400, 300), ("iso", 400, 300), ("jsonl", 1500, 476), ("tar", 1500, 476), ("terraform", 1500, 476)],
)
def test_no_room(to: str, count: int, more: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said is about what they take when there is room."""
    with monkeypatch.context() as small:
        _disk(small, bfree=256, bavail=256)
        refused = _refused(_asked(tmp_path, count, to))
    said = re.fullmatch(
        f"{re.escape(str(tmp_path))} has 1 MiB free and {more} nodes more need some ([0-9]+)", refused.sentence
    )
    assert (refused.hint, refused.exit_code) == ("make room there, or name another place with -o", errors.TOOL)
    assert {path.name for path in tmp_path.iterdir()} - {".out.lock"} == {"nodes.csv", "worker.yaml"}
    fleet.write(_asked(tmp_path, count, to))
    out = tmp_path / "out"
    real = sum(path.lstat().st_blocks * 512 for path in (out, *out.rglob("*"))) * more / count / MIB
    assert said is not None
    assert real * 0.8 - 1 < int(said[1]) < real * 1.2 + 1


def test_no_inodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and three files each; a seed image is one; a tar is one of all."""
    _disk(monkeypatch, ffree=500, favail=500)
    refused = _refused(_asked(tmp_path, 400, "tree"))
    assert refused.sentence == f"{tmp_path} has 500 inodes free and 300 nodes more need some 1200"
    assert refused.hint == "write one file instead (--to tar), or name another place with -o"
    fleet.write(_asked(tmp_path, 400, "iso"))
    fleet.write(_asked(tmp_path, 3000, "tar", "out.tar"))


def test_a_file_system_that_does_not_count_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = _disk(monkeypatch, files=0, ffree=0, favail=0)
    fleet.write(_asked(tmp_path, 400, "tree"))
    assert looks == [tmp_path]


def test_what_is_kept_back_is_for_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _disk(monkeypatch, bavail=0, favail=0)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "n1").mkdir()
    (tmp_path / "n1" / "user-data").write_bytes(b"x")
    room.look(tmp_path, 10)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(errors.ToolError, match=r"has 0 MiB free and 10 nodes more need some 1$"):
        room.look(tmp_path, 10)


def test_so_much_that_it_nearly_suffices_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other nodes have other values."""
    _disk(monkeypatch, ffree=1000, favail=1000)
    fleet.write(_asked(tmp_path, 400, "tree"))


@pytest.mark.parametrize(("to", "count"), [("tree", 99), ("iso", 99), ("jsonl", 99), ("tree", 400)])
def test_a_small_fleet_is_not_looked_at_and_a_large_one_once(
    to: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = _disk(monkeypatch)
    fleet.write(_asked(tmp_path, count, to))
    assert looks == ([tmp_path] if count == 400 else [])


def test_a_device_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = _disk(monkeypatch, bfree=0, bavail=0)
    (tmp_path / "out").symlink_to("/dev/null")
    fleet.write(_asked(tmp_path, 3000, "jsonl"))
    assert looks == []


def test_what_was_written_before_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that goes on finds no room any more, and leaves what the one before it had done."""
    monkeypatch.setattr(parts, "_MARK_EVERY", 150)
    with monkeypatch.context() as first:
        first.setattr(room, "look", lambda *_: None)
        first.setattr(parts.Parts, "item", _until(200, parts.Parts.item))
        with pytest.raises(KeyboardInterrupt):
            fleet.write(_asked(tmp_path, 400, "tree"))
    _disk(monkeypatch, ffree=100, favail=100)
    assert "150 nodes more need some 600" in _refused(_asked(tmp_path, 400, "tree")).sentence
    _disk(monkeypatch)
    fleet.write(_asked(tmp_path, 400, "tree"))
    assert len(list((tmp_path / "out").iterdir())) == 401


def _until(last: int, item: Any) -> Any:
    def counted(part: Any, number: int) -> None:
        item(part, number)
        if number == last:
            raise KeyboardInterrupt

    return counted
