"""What is known is not booted again, and nothing else is taken for known."""

from __future__ import annotations

import dataclasses
import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import __version__, errors
from generator.model import Edit, Fault
from generator.prove import store
from generator.prove.store import Told
from tests.prove.conftest import fault

WHERE = {"image": "ab" * 32, "profile": "cd" * 32, "observer": "ef" * 32}
TOLD = Told(('{"hello": "nodebake/v1"}', "\ufffd é"), 31.25, 26.5)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return tmp_path / "node.qcow2"


def test_saved_and_loaded(image: Path) -> None:
    one, slashed = fault("swap.on"), fault("files./etc/a b.gone")
    with store.opened(image, WHERE) as kept:
        assert kept.load(one) is None
        kept.save(one, TOLD)
        kept.save(slashed, TOLD)
    with store.opened(image, WHERE) as kept:
        assert kept.load(one) == kept.load(slashed) == TOLD
    assert {path.name[:4] for path in (image.parent / "node.prove").iterdir()} == {"swap", "file", ".loc"}


_EDIT = Edit("/etc/swap.on", b"broken\n")


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda one: one, False),
        (lambda one: dataclasses.replace(one, red=frozenset({"x"}), story="told otherwise"), False),
        (lambda one: dataclasses.replace(one, edits=(dataclasses.replace(_EDIT, content=b"other"),)), True),
        (lambda one: dataclasses.replace(one, edits=(dataclasses.replace(_EDIT, content=None),)), True),
        (lambda one: dataclasses.replace(one, edits=(dataclasses.replace(_EDIT, mode="0600"),)), True),
        (lambda one: dataclasses.replace(one, edits=(Edit("/etc/swap.on", None, link="/dev/null"),)), True),
        (lambda one: dataclasses.replace(one, edits=(*one.edits, _EDIT)), True),
        (lambda one: dataclasses.replace(one, needs_cloud_init=True), True),
        (lambda one: dataclasses.replace(one, id="swap.of"), True),
    ],
)
def test_what_makes_a_fault_another(change: Callable[[Fault], Fault], again: bool, image: Path) -> None:
    one = fault("swap.on")
    assert one.edits == (_EDIT,)
    with store.opened(image, WHERE) as kept:
        kept.save(one, TOLD)
        assert (kept.load(change(one)) is None) == again


@pytest.mark.parametrize("which", WHERE)
def test_another_image_profile_or_observer_is_another_boot(which: str, image: Path) -> None:
    with store.opened(image, WHERE) as kept:
        kept.save(fault("swap.on"), TOLD)
    with store.opened(image, {**WHERE, which: "00" * 32}) as kept:
        assert kept.load(fault("swap.on")) is None


def test_another_version_is_another_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.key(fault("swap.on"), WHERE)
    monkeypatch.setattr(store, "__version__", f"{__version__}.1")
    assert store.key(fault("swap.on"), WHERE) != before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lines": []}', '{"lines": 3, "seconds": 1}', "\0"])
def test_what_cannot_be_read_is_not_known(text: str, image: Path) -> None:
    with store.opened(image, WHERE) as kept:
        kept.save(fault("swap.on"), TOLD)
        kept.path(fault("swap.on")).write_text(text)
        assert kept.load(fault("swap.on")) is None


def test_a_write_that_fails_leaves_what_was_there(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with store.opened(image, WHERE) as kept:
        kept.save(fault("swap.on"), TOLD)
        monkeypatch.setattr(store.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            kept.save(fault("swap.on"), Told((), 0.0, 0.0))
        assert kept.load(fault("swap.on")) == TOLD
        assert not list(kept.folder.glob(".new.*"))


def test_what_a_killed_run_was_writing_is_removed(image: Path) -> None:
    with store.opened(image, WHERE) as kept:
        (kept.folder / ".new.x").touch()
    with store.opened(image, WHERE) as kept:
        assert not (kept.folder / ".new.x").exists()


def test_one_run_at_a_time(image: Path) -> None:
    with store.opened(image, WHERE), pytest.raises(errors.LockedError, match="another nodebake is proving this image"):
        store.opened(image, WHERE).__enter__()
    with store.opened(image, WHERE) as kept, (kept.folder / ".lock").open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_in_the_cache_where_the_images_folder_is_not_ours(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODEBAKE_CACHE", str(tmp_path / "cache"))
    image.with_suffix(".prove").write_text("a file, so that no folder can be made: root writes anywhere")
    with store.opened(image, WHERE) as kept:
        kept.save(fault("swap.on"), TOLD)
        assert kept.folder == tmp_path / "cache" / "prove" / WHERE["image"][:16]
    with store.opened(image, WHERE) as kept:
        assert kept.load(fault("swap.on")) == TOLD
