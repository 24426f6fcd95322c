"""Images at a URL: of two runs at one of them neither takes away what the other names, and what is dead is swept."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from generator import errors
from generator.fleet.cluster.places import Place
from generator.pipeline import remote
from generator.pipeline.parcel import Parcel
from generator.pipeline.work import Work
from tests.pipeline.conftest import Place as Here
from tests.pipeline.test_publish import REMOTE
from tests.pipeline.test_run import reason, status

Makes = Callable[[str], Parcel]


@pytest.fixture
def memory() -> Any:
    files = fsspec.filesystem("memory")
    files.store.clear()
    return files


@pytest.fixture
def there(memory: Any) -> Place:
    return Place("memory://images")


@pytest.fixture
def makes(tmp_path: Path) -> Makes:
    """Parcels of two files, of these words."""

    def make(words: str) -> Parcel:
        folder = tmp_path / words
        folder.mkdir(exist_ok=True)
        files = {name: folder / name for name in ("node.qcow2", "verify.json")}
        for path in files.values():
            path.write_text(words)
        digests = dict.fromkeys(files, hashlib.sha256(words.encode()).hexdigest())
        return Parcel(files, {"cell": "node", "files": digests})

    return make


def said(memory: Any) -> Any:
    return json.loads(memory.cat_file("/images/node/published.json"))


def named(memory: Any) -> str:
    """What is in the image that is named there."""
    return str(memory.cat_file(f"/images/node/{said(memory)['folder']}/node.qcow2").decode())


def test_two_runs_at_one_image(there: Place, memory: Any, makes: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
    """One goes back to the image before; when it has put its files, the other publishes a third, and removes two."""
    for words in "AB":
        remote.put(there, "node", makes(words))
    write = Place.write

    def late(place: Place, name: str, content: bytes) -> None:
        monkeypatch.setattr(Place, "write", write)
        remote.put(there, "node", makes("C"))
        assert named(memory) == "C"
        write(place, name, content)

    monkeypatch.setattr(Place, "write", late)
    remote.put(there, "node", makes("A"))
    assert named(memory) == "A"
    assert remote.is_at(there, "node", makes("A"), reread=True)


def test_the_same_bytes_have_a_folder_of_their_own_each_time(there: Place, memory: Any, makes: Makes) -> None:
    remote.put(there, "node", makes("A"))
    first = said(memory)["folder"]
    remote.put(there, "node", makes("A"))
    assert said(memory)["folder"] != first
    assert sorted(there.names("node")) == sorted([said(memory)["folder"], "published.json"])


def test_files_that_are_gone_are_not_named(
    there: Place, memory: Any, makes: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for once more before anybody is told."""
    remote.put(there, "node", makes("A"))
    put = Place.put

    def lossy(place: Place, name: str, pieces: Any) -> None:
        put(place, name, pieces)
        if name.endswith("verify.json"):
            memory.rm_file(f"/images/{name.replace('verify.json', 'node.qcow2')}")

    monkeypatch.setattr(Place, "put", lossy)
    with pytest.raises(errors.ToolError, match=r"what was put at memory://images/node/.* is not there as it was put"):
        remote.put(there, "node", makes("B"))
    assert named(memory) == "A"
    assert len(there.names("node")) == 2


def test_what_a_killed_run_has_left_is_swept_after_a_day(there: Place, memory: Any, makes: Makes) -> None:
    key, now = makes("A").key, int(time.time())
    dead, alive = f"{key}-{now - 90_000}-00000000", f"{key}-{now - 80_000}-00000000"
    theirs = ["diary", key, f"{key}-{now - 90_000}-0", f"{key}-{now - 90_000}-00000000.d", "0000000000-1-00000000"]
    for folder in (dead, alive, *theirs):
        memory.pipe_file(f"/images/node/{folder}/node.qcow2", b"part")
    memory.pipe_file(f"/images/other/{dead}/node.qcow2", b"part")
    remote.put(there, "node", makes("A"))
    assert sorted(there.names("node")) == sorted([alive, *theirs, said(memory)["folder"], "published.json"])
    assert there.names("other") == [dead]


def test_what_is_named_is_not_swept_however_old(
    there: Place, memory: Any, makes: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a run that is just done, and has taken long."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 90_000)
    remote.put(there, "node", makes("A"))
    monkeypatch.undo()
    remote._sweep(there, "node")
    assert named(memory) == "A"


def test_a_sweep_that_fails_costs_nothing(
    there: Place, memory: Any, makes: Makes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(*_: object) -> list[str]:
        raise errors.ToolError("you may not list")

    monkeypatch.setattr(Place, "names", closed)
    remote.put(there, "node", makes("A"))
    assert named(memory) == "A"
    assert "you may not list" in capsys.readouterr().err


def test_an_image_that_an_older_nodebake_put_there(there: Place, memory: Any, makes: Makes) -> None:
    """Its folder is the key alone: it is known, and removed with the next image."""
    old = makes("A")
    for name in old.files:
        there.put(f"node/{old.key}/{name}", old.pieces(name))
    there.write("node/published.json", json.dumps({**old.document, "folder": old.key, "before": ""}).encode())
    assert remote.is_at(there, "node", old, reread=True)
    remote.put(there, "node", makes("B"))
    assert (named(memory), len(there.names("node"))) == ("B", 2)


def test_a_folder_that_is_no_name_of_ours_is_not_looked_into(there: Place, makes: Makes) -> None:
    one = makes("A")
    for name in one.files:
        there.put(f"elsewhere/{name}", one.pieces(name))
    there.write("node/published.json", json.dumps({**one.document, "folder": "../elsewhere", "before": ""}).encode())
    assert not remote.is_at(there, "node", one, reread=False)


def test_bytes_that_somebody_changed_there_are_seen_by_reading(
    place: Here, proven: Callable[..., Work], memory: Any
) -> None:
    """Without being told to, only sizes are looked at."""
    place.extra = REMOTE
    work = proven()
    place.made()
    path = f"/images/{work.cell.id}/{json.loads(memory.cat_file(f'/images/{work.cell.id}/published.json'))['folder']}"
    memory.pipe_file(f"{path}/node.qcow2", bytes(work.image.stat().st_size))
    assert place.made().unchanged
    made = place.made(reread=True)
    assert (status(made)["publish"], reason(made, "publish")) == ("done", "what is published is another one, or none")
    assert place.made(reread=True).unchanged
