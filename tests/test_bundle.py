"""What stays behind after a failure: where, whose, and that it never costs the verdict."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from generator import bundle, errors
from generator.evidence import Diagnosis
from generator.watch import Watched
from tests.report import fixture

EVERYTHING = {
    "boot1/console.log",
    "boot1/observations.jsonl",
    "boot1/journal.txt",
    "boot1/plot.svg",
    "boot1/blame.txt",
    "boot1/sysctl.txt",
    "report.html",
    "report.json",
    "report.tap",
    "report.txt",
    "report.xml",
}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "node.qcow2"
    path.parent.mkdir()
    path.write_bytes(b"QFI\xfb")
    return path


def watched(folder: Path) -> Watched:
    console = folder / "console"
    console.write_text("Linux version 6.12\n")
    told = dict.fromkeys(("journal", "plot", "blame", "parameters"), b"words\n")
    return Watched(1, console, (b'{"hello": 1}', b'{"done": 0}'), None, Diagnosis(1, told))


def files(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


def test_all_of_it_beside_the_image(image: Path, tmp_path: Path) -> None:
    made = bundle.of_report(image, fixture.bad(), [watched(tmp_path)])
    place = Path(made.bundle)
    assert place.parent == image.parent / "logs"
    assert files(place) == EVERYTHING
    assert (place / "boot1/observations.jsonl").read_bytes() == b'{"hello": 1}\n{"done": 0}\n'
    assert (place / "boot1/console.log").read_text() == "Linux version 6.12\n"
    assert str(place) in (place / "report.html").read_text()


def test_what_floods_does_not_fill_the_disk(image: Path, tmp_path: Path) -> None:
    """Of the stream the beginning is kept, of the console the end."""
    one = watched(tmp_path)
    one.lines = (b"x" * (20 << 20),)
    one.console.write_bytes(b"y" * (20 << 20) + b"Kernel panic")
    place = Path(bundle.of_report(image, fixture.bad(), [one]).bundle)
    assert (place / "boot1/observations.jsonl").stat().st_size == 16 << 20
    assert (place / "boot1/console.log").stat().st_size == 16 << 20
    assert (place / "boot1/console.log").read_bytes().endswith(b"yKernel panic")


def test_for_its_owner_alone(image: Path, tmp_path: Path) -> None:
    """Whatever the umask is."""
    old = os.umask(0)
    try:
        place = Path(bundle.of_report(image, fixture.bad(), [watched(tmp_path)]).bundle)
    finally:
        os.umask(old)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (place, *place.rglob("*")) if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


def test_each_failure_has_a_folder_of_its_own(image: Path) -> None:
    """Two in one second, too."""
    first, second = bundle.folder(image, 0.0), bundle.folder(image, 0.0)
    assert (first.name, second.name) == ("verify-19700101T000000Z", "verify-19700101T000000Z-1")


def test_an_image_in_a_folder_that_is_not_ours(image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """logs is a file there; so it is kept where temporary files are."""
    (image.parent / "logs").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = Path(bundle.of_report(image, fixture.bad(), [watched(tmp_path)]).bundle)
    assert place.parent == tmp_path
    assert files(place) == EVERYTHING


def test_no_room_costs_no_verdict(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (image.parent / "logs").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    made = bundle.of_report(image, fixture.bad(), [watched(tmp_path)])
    assert made.bundle == ""
    assert made.verdicts == fixture.bad().verdicts
    assert "nodebake: what the guest told could not be kept: " in capsys.readouterr().err


def test_a_link_is_not_followed(image: Path, tmp_path: Path) -> None:
    place = bundle.folder(image)
    (tmp_path / "mine").write_text("mine")
    (place / "report.txt").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic links"):
        bundle.write(place, {"report.txt": b"theirs"})
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_guest_that_did_not_come_up(image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it told until then, and the sentence."""
    seen = [watched(tmp_path)]
    with pytest.raises(errors.GuestError), bundle.of_failure(image, seen):
        raise errors.GuestError("node: the kernel panicked", "look")
    said = capsys.readouterr().err
    place = next((image.parent / "logs").iterdir())
    assert said == f"nodebake: what the guest told is kept in {place}\n"
    assert (place / "error.txt").read_text() == "node: the kernel panicked\nlook\n"
    assert "boot1/console.log" in files(place)


def test_another_error_leaves_nothing(image: Path) -> None:
    with pytest.raises(errors.CheckFailed), bundle.of_failure(image, []):
        raise errors.CheckFailed("changed")
    assert not (image.parent / "logs").exists()
