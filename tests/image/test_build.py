"""A build by a fake Packer: what is left after each way out."""

import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from generator import errors, image, locks
from generator.image import Request, room
from generator.model import Image


def clean(request_: Request, scratch: Path) -> bool:
    return not list(scratch.iterdir()) and not [p for p in request_.out.parent.iterdir() if p != request_.out]


def test_an_image(request_: Request, scratch: Path) -> None:
    made = image.build(request_)
    assert made.path == request_.out
    assert made.sha256 == hashlib.sha256(request_.out.read_bytes()).hexdigest()
    assert request_.out.stat().st_mode & 0o777 == 0o644
    assert clean(request_, scratch)


def test_a_failure_says_why_where_and_what_the_guest_said(
    request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE", "fail")
    request_.out.write_text("the image before")
    with pytest.raises(errors.ToolError) as caught:
        image.build(request_)
    assert caught.value.sentence == (
        "the build failed while applying: Script exited with non-zero exit status: 1\n"
        "    step one\n"
        "    apply: step two, no good"
    )
    assert str(request_.logs) in caught.value.hint
    assert request_.out.read_text() == "the image before"
    assert clean(request_, scratch)


class Judge:
    """Remembers what it was shown, and refuses."""

    def __init__(self) -> None:
        self.seen: list[tuple[list[str], str]] = []

    def __call__(self, lines: Sequence[str], failed_step: str) -> None:
        self.seen.append((list(lines), failed_step))
        raise errors.CheckFailed("not so")


@pytest.mark.parametrize(
    ("fake", "seen"),
    [
        ("", (['{"hello": "there"}'], "")),
        ("unobserved", ([], "")),
        ("step", (['{"hello": "there"}'], "set a = 1 (exit code 5)")),
    ],
)
def test_what_the_guest_showed_is_judged_before_anything_is_published(
    request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch, fake: str, seen: tuple[list[str], str]
) -> None:
    monkeypatch.setenv("FAKE", fake)
    judge = Judge()
    with pytest.raises(errors.CheckFailed, match="not so"):
        image.build(dataclasses.replace(request_, judge=judge))
    assert judge.seen == [seen]
    assert not request_.out.exists()
    assert clean(request_, scratch)


def test_a_failed_step_of_which_the_judge_knows_nothing(
    request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE", "step")
    with pytest.raises(errors.ToolError, match="failed while applying"):
        image.build(request_)


def test_what_failed_otherwise_is_not_judged(request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE", "fail")
    judge = Judge()
    with pytest.raises(errors.ToolError):
        image.build(dataclasses.replace(request_, judge=judge))
    assert judge.seen == []


@pytest.mark.parametrize(("version", "sentence"), [("1.10.0", "has no QEMU plugin"), ("1.6.6", "refused")])
def test_a_packer_without_qemu(
    request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch, version: str, sentence: str
) -> None:
    monkeypatch.setenv("FAKE", "refuse")
    monkeypatch.setenv("FAKE_VERSION", version)
    with pytest.raises(errors.ToolError, match=sentence):
        image.build(request_)
    assert clean(request_, scratch)


@pytest.mark.parametrize(("fake", "sentence"), [("broken", "qemu-img check"), ("backed", "needs another file")])
def test_an_unsound_image_is_not_published(
    request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch, fake: str, sentence: str
) -> None:
    monkeypatch.setenv("FAKE", fake)
    with pytest.raises(errors.ToolError, match=sentence):
        image.build(request_)
    assert not request_.out.exists()
    assert clean(request_, scratch)


def test_what_a_killed_build_left_is_swept_and_what_is_in_use_is_not(request_: Request, scratch: Path) -> None:
    left = [scratch / "nodebake-bake.dead_abc", request_.out.parent / ".node.qcow2.dead_abc"]
    others = [scratch / "nodebake-bake.inuse_ab", scratch / "nodebake-bake.other", scratch / "else", scratch / "else2"]
    for folder in (*left, *others):
        folder.mkdir(mode=0o700)  # as mkdtemp does
        (folder / "key").write_text("secret")
    lock = locks.try_folder(others[0])
    image.build(request_)
    os.close(lock)
    assert [folder for folder in left if folder.exists()] == []
    assert [folder for folder in others if not folder.exists()] == []


PROGRAM = """
import sys
from pathlib import Path
from generator import image
from generator.image import packer
from tests.image import fakes
packer.GRACE = 1.0
image.build(fakes.request(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_leaves_nothing(
    tmp_path: Path, base: Path, request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch, signum: int
) -> None:
    monkeypatch.setenv("FAKE", "hang")
    place = tmp_path / "other"
    place.mkdir()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(place), str(base)])
    for _ in range(100):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            break
        time.sleep(0.1)
    process.send_signal(signum)
    assert process.wait(60) != 0
    assert _gone(int((tmp_path / "pid").read_text()))
    assert not list(scratch.iterdir())
    assert not list((place / "out").iterdir())


def test_a_folder_for_what_is_unfinished(request_: Request, tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    image.build(dataclasses.replace(request_, scratch=tmp_path / "beside"))
    assert request_.out.exists()
    assert not list((tmp_path / "beside").iterdir())


def test_too_little_room_is_said_before_anything_is_begun(
    request_: Request, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_MORE_MIB", 1 << 40)
    with pytest.raises(errors.ToolError, match=r"MiB free and an image needs 1099511627776$"):
        image.build(request_)
    assert not (request_.logs / "packer.log").exists()
    assert clean(request_, scratch)


def test_who_publishes_it_gets_it_whole(request_: Request, scratch: Path) -> None:
    """And `out` is theirs to fill."""
    seen = []

    def put(made: Image) -> None:
        assert made.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()
        seen.append(made.path.name)

    assert image.build(dataclasses.replace(request_, put=put)).path == request_.out
    assert seen == ["node.qcow2"]
    assert not request_.out.exists()
    assert clean(request_, scratch)
