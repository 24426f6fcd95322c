"""The cache: nothing in it is believed for being there, and nothing half made can be found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from generator.base import cache as room
from generator.base import keys


def _make(stage: Path) -> None:
    (stage / "file").write_bytes(b"content")


def _never(stage: Path) -> None:
    raise AssertionError("made again")


def test_a_second_use_finds_it(cache: Path) -> None:
    first = room.obtain("thing", _make)
    assert room.obtain("thing", _never) == first
    assert (first.folder / "file").read_bytes() == b"content"


def _flip(home: Path) -> None:
    (home / "file").write_bytes(b"cOntent")


def _truncate(home: Path) -> None:
    (home / "file").write_bytes(b"")


def _lose_file(home: Path) -> None:
    (home / "file").unlink()


def _lose_manifest(home: Path) -> None:
    (home / "manifest.json").unlink()


def _spoil_manifest(home: Path) -> None:
    (home / "manifest.json").write_text("{")


def _lie(home: Path) -> None:
    (home / "manifest.json").write_text('{"sha256": {"file": "0"}}')


_CHANGED = "thing: the cached copy is not what was put there, making it again"
_INCOMPLETE = "thing: the cached copy is incomplete, making it again"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_flip, _CHANGED),
        (_truncate, _CHANGED),
        (_lose_file, _INCOMPLETE),
        (_lose_manifest, _INCOMPLETE),
        (_spoil_manifest, _CHANGED),
        (_lie, _CHANGED),
    ],
)
def test_damage_is_seen_and_mended(cache: Path, capsys: pytest.CaptureFixture[str], damage, sentence: str) -> None:
    damage(room.obtain("thing", _make).folder)
    mended = room.obtain("thing", _make)
    assert (mended.folder / "file").read_bytes() == b"content"
    assert sentence in capsys.readouterr().err
    assert room.obtain("thing", _never) == mended
    assert sorted(path.name for path in cache.iterdir()) == ["thing", "thing.lock"]


def test_refresh_makes_it_again(cache: Path) -> None:
    room.obtain("thing", _make)
    again = room.obtain("thing", lambda stage: (stage / "file").write_bytes(b"newer") and None, refresh=True)
    assert (again.folder / "file").read_bytes() == b"newer"


@pytest.mark.parametrize("trouble", [RuntimeError, KeyboardInterrupt])
def test_a_failed_make_leaves_nothing(cache: Path, trouble: type[BaseException]) -> None:
    def fail(stage: Path) -> None:
        _make(stage)
        raise trouble

    with pytest.raises(trouble):
        room.obtain("thing", fail)
    assert [path.name for path in cache.iterdir()] == ["thing.lock"]


def test_a_failed_refresh_keeps_the_old_one(cache: Path) -> None:
    first = room.obtain("thing", _make)
    with pytest.raises(AssertionError):
        room.obtain("thing", _never, refresh=True)
    assert room.obtain("thing", _never) == first


def test_leftovers_of_the_killed_are_swept(cache: Path) -> None:
    for name in (".thing.dead", ".thing.dead.old", ".other.alive"):
        (cache / name / "deep").mkdir(parents=True)
    room.obtain("thing", _make)
    assert sorted(path.name for path in cache.iterdir()) == [".other.alive", "thing", "thing.lock"]


_WORKER = """
    import sys, time
    from pathlib import Path
    from generator.base import cache
    def make(stage):
        Path(sys.argv[1]).open("a").write("made\\n")
        time.sleep(0.5)
        (stage / "file").write_bytes(b"content")
    cache.obtain("thing", make)
"""


def _workers(tmp_path: Path, count: int) -> list[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-c", textwrap.dedent(_WORKER), str(tmp_path / "log")]
    return [subprocess.Popen(argv) for _ in range(count)]


def test_of_many_one_makes_it_and_the_others_wait(cache: Path, tmp_path: Path) -> None:
    assert [worker.wait() for worker in _workers(tmp_path, 3)] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "made\n"


def test_a_killed_maker_frees_the_lock(cache: Path, tmp_path: Path) -> None:
    (worker,) = _workers(tmp_path, 1)
    deadline = time.monotonic() + 20
    while not (tmp_path / "log").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.kill()
    worker.wait()
    assert any(path.name.startswith(".thing.") for path in cache.iterdir())
    room.obtain("thing", _make)
    assert sorted(path.name for path in cache.iterdir()) == ["thing", "thing.lock"]


@pytest.mark.parametrize("parts", [{}, {"suite": "trixie"}])
def test_an_entry_has_the_files_of_its_maker_and_no_more(cache: Path, parts: dict[str, str]) -> None:
    name = f"thing-{keys.named(parts)}" if parts else "thing"
    entry = room.obtain(name, _make)
    told = json.loads((entry.folder / "manifest.json").read_text())
    assert told == {"sha256": dict(entry.sha256), "made_of": parts}
    assert set(entry.sha256) == {"file"}
    assert {path.name for path in entry.folder.iterdir()} == {"file", "manifest.json"}


def test_the_key_follows_recipe_and_choices(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe"
    recipe.write_text("a")
    first = keys.key([recipe], "x")
    assert keys.key([recipe], "x") == first != keys.key([recipe], "y")
    recipe.write_text("b")
    assert keys.key([recipe], "x") != first
    assert os.fspath(tmp_path) not in first
