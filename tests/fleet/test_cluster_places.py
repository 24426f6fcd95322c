"""Where the parts of a cluster go, and what is left of the run before."""

from __future__ import annotations

import dataclasses
import json
import tarfile
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.dirfs import DirFileSystem

from generator import errors, fleet
from generator.fleet.cluster import places
from tests.fleet.asked import asked_for, at_first_part, here, joined, parts_of


def test_object_storage(tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of the run before are removed when all is there, and not before."""
    parts_of(monkeypatch, 7)
    fleet.write(asked_for(tmp_path, 30, inside, "memory://fleet"))
    asked = asked_for(tmp_path, 20, inside, "memory://fleet")
    old = set(memory.find("/fleet"))
    seen: list[set[str]] = []
    write = places.Place.write

    def noting(place: places.Place, name: str, content: bytes) -> None:
        write(place, name, content)
        seen.append(set(memory.find("/fleet")))

    monkeypatch.setattr(places.Place, "write", noting)
    fleet.write(asked)
    assert len(old) == 6
    assert all(old <= there for there in seen)
    manifest = json.loads(memory.cat("/fleet/manifest.json"))
    names = [f"/fleet/{part['name']}" for part in manifest["parts"]]
    assert b"".join(memory.cat(name) for name in names) == here(asked, tmp_path)
    assert set(memory.find("/fleet")) == {"/fleet/manifest.json", *names}


def test_a_run_that_fails_leaves_the_one_before(
    tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts_of(monkeypatch, 7)
    fleet.write(asked_for(tmp_path, 30, inside, "memory://fleet"))
    before = {name: memory.cat(name) for name in memory.find("/fleet")}
    put = memory.pipe_file

    def full(files: Any, path: str, value: bytes, **more: Any) -> None:
        if path.endswith("part-000002.jsonl"):
            raise OSError(28, "No space left on device")
        put(path, value, **more)

    monkeypatch.setattr(type(memory), "pipe_file", full)
    with pytest.raises(errors.ToolError, match="memory://fleet: No space left on device"):
        fleet.write(asked_for(tmp_path, 20, inside, "memory://fleet"))
    assert {name: memory.cat(name) for name in before} == before


def test_what_failed_once_is_tried_again(
    tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, failed = memory.pipe_file, []

    def shaky(files: Any, path: str, value: bytes, **more: Any) -> None:
        if not failed:
            failed.append(path)
            raise OSError(5, "a storm")
        put(path, value, **more)

    monkeypatch.setattr(type(memory), "pipe_file", shaky)
    assert fleet.write(asked_for(tmp_path, 5, inside, "memory://shaky")).count == 5
    assert failed


def test_the_list_is_changed_meanwhile(
    tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is what was looked at."""
    asked = asked_for(tmp_path, 5, inside, "memory://changed")
    expected = here(asked, tmp_path)
    at_first_part(monkeypatch, lambda: (tmp_path / "nodes.csv").write_text("hostname\nother\n"))
    fleet.write(asked)
    manifest = json.loads(memory.cat("/changed/manifest.json"))
    assert b"".join(memory.cat(f"/changed/{part['name']}") for part in manifest["parts"]) == expected


def test_a_manifest_of_somebody_else(tmp_path: Path, inside: str, memory: Any) -> None:
    memory.pipe("/theirs/manifest.json", b'{"folder": "../elsewhere"}')
    with pytest.raises(errors.NodebakeError, match=r"has a manifest\.json that no cluster run of nodebake wrote"):
        fleet.write(asked_for(tmp_path, 5, inside, "memory://theirs"))
    assert memory.cat("/theirs/manifest.json") == b'{"folder": "../elsewhere"}'


def test_parts_that_are_tars(tmp_path: Path, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is an archive; what is in all of them is what is in the one of a single machine."""
    parts_of(monkeypatch, 2)
    asked = asked_for(tmp_path, 5, inside, str(tmp_path / "out"), "tar")
    fleet.write(asked)
    here(asked, tmp_path)
    joined(tmp_path / "out")
    apart = [member for path in sorted((tmp_path / "out").glob("*/*.tar")) for member in _members(path)]
    assert apart == _members(tmp_path / "here")
    assert len(apart) == 15


def _members(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        return [(one.name, file.read()) for one in archive if (file := archive.extractfile(one)) is not None]


def test_as_a_cloud_takes_it(tmp_path: Path, inside: str, memory: Any) -> None:
    asked = dataclasses.replace(asked_for(tmp_path, 5, inside, "memory://cloud"), target="ec2")
    fleet.write(asked)
    name = json.loads(memory.cat("/cloud/manifest.json"))["parts"][0]["name"]
    assert memory.cat(f"/cloud/{name}") == here(asked, tmp_path)


def test_a_file_system_that_moves(tmp_path: Path) -> None:
    """Not every one has a put that is whole or nothing: there a file is moved to its place."""
    place = places.Place("memory://")
    place._files, place._root = DirFileSystem(str(tmp_path), fsspec.filesystem("file", auto_mkdir=True)), ""
    place.write("nodes/part", b"content")
    assert (tmp_path / "nodes/part").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "nodes").iterdir()] == ["part"]
