"""What the tests of a fleet on a cluster ask for, and how the parts that are written are read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fleet import PROFILE
from generator import fleet
from generator.fleet import cluster as clusters
from generator.fleet.cluster import places


def asked_for(folder: Path, count: int, address: str, output: str, to: str = "jsonl") -> fleet.Request:
    (folder / "worker.yaml").write_text(PROFILE)
    rows = "".join(f"n{number},52:54:00:00:{number >> 8:02x}:{number & 255:02x},r{number}\n" for number in range(count))
    (folder / "nodes.csv").write_text(f"hostname,mac,rack\n{rows}")
    return fleet.Request(str(folder / "worker.yaml"), str(folder / "nodes.csv"), to=to, output=output, cluster=address)


def here(asked: fleet.Request, folder: Path) -> bytes:
    """What one machine makes of it."""
    fleet.write(dataclasses.replace(asked, cluster="", output=str(folder / "here")))
    return (folder / "here").read_bytes()


def joined(folder: Path) -> bytes:
    """The parts, as the manifest has them; each is what it says, and nothing else is there."""
    manifest = json.loads((folder / "manifest.json").read_text())
    contents = []
    for part in manifest["parts"]:
        contents.append((folder / part["name"]).read_bytes())
        assert (len(contents[-1]), hashlib.sha256(contents[-1]).hexdigest()) == (part["size"], part["sha256"])
    names = {"manifest.json", *(part["name"] for part in manifest["parts"])}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == names
    assert sum(part["nodes"] for part in manifest["parts"]) == manifest["nodes"]["count"]
    return b"".join(contents)


def parts_of(monkeypatch: pytest.MonkeyPatch, nodes: int) -> None:
    monkeypatch.setattr(clusters, "PART_NODES", nodes)


def at_first_part(monkeypatch: pytest.MonkeyPatch, do: Callable[[], Any]) -> None:
    """Do something once, when the first part has been written."""
    size, first = places.Place.size, [do]

    def looked(place: places.Place, name: str) -> int | None:
        if first:
            first.pop()()
        return size(place, name)

    monkeypatch.setattr(places.Place, "size", looked)
