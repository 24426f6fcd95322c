"""What is published is what was proven; at every moment it is the old image or the new one, whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pytest

from generator import errors, stop
from generator.fleet.cluster.places import Place as Remote
from generator.pipeline import publish, remote, sentences
from generator.pipeline.work import Work
from tests.conftest import ROOT
from tests.pipeline.conftest import PROFILE, Place
from tests.pipeline.stand_in import mark_tested
from tests.pipeline.test_run import OTHER, sha256
from tests.reliability.injected import ALL

_CALL = re.compile(r"^(\w+)\(")


def whole(folder: Path) -> str:
    """The sha256 of the image that is published there, of which every file is what published.json says."""
    said = json.loads((folder / "published.json").read_text())
    assert {name: sha256(folder / name) for name in said["files"]} == said["files"]
    assert {path.name for path in folder.iterdir()} == {*said["files"], "published.json"}
    for name in ("verify.json", "proof.json"):
        assert said["image_sha256"] in (folder / name).read_text()
    return str(said["image_sha256"])


@dataclass(frozen=True)
class Both:
    """A place in which the old image is published, and the new one is tested and ready."""

    place: Place
    folder: Path
    old: str
    new: str


@pytest.fixture
def both(place: Place, proven: Callable[..., Work], monkeypatch: pytest.MonkeyPatch) -> Both:
    for name, value in {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}.items():
        monkeypatch.setenv(name, value)
    proven(PROFILE)
    place.made()
    folder = place.root / "published" / place.work().cell.id
    return Both(place, folder, whole(folder), proven(OTHER).digest("node.qcow2"))


WHERE = ("the first", "in the middle", "the exchange", "what then is removed", "the last")


@pytest.mark.parametrize("where", WHERE)
def test_killed_as_it_publishes(both: Both, where: str, tmp_path: Path) -> None:
    """SIGKILL as it enters a call, by strace: it is the old or the new, and the next run ends what was begun."""
    call, number = steps(both, tmp_path)[where]
    strace = ["strace", "-q", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={number}"]
    argv = [*strace, *both.place.argv("--reread")]
    done = subprocess.run(argv, capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert whole(both.folder) == (both.new if where in WHERE[3:] else both.old)
    assert both.place.made().ok
    assert whole(both.folder) == both.new
    assert [path.name for path in both.folder.parent.iterdir() if not path.name.endswith(".lock")] == [both.folder.name]


_STEPS: dict[str, tuple[str, int]] = {}  # the same in every run of the same command that remembers no digest


def steps(both: Both, tmp_path: Path) -> dict[str, tuple[str, int]]:
    """Calls that have to do with what is published: each with its number in the process."""
    if _STEPS:
        return _STEPS
    kept = tmp_path / "published"
    shutil.copytree(both.folder.parent, kept)
    log = tmp_path / "strace.log"
    argv = ["strace", "-y", "-s", "0", "-e", f"trace={','.join(ALL)}", "-o", str(log), *both.place.argv("--reread")]
    subprocess.run(argv, check=True, capture_output=True, cwd=ROOT)
    shutil.rmtree(both.folder.parent)
    shutil.copytree(kept, both.folder.parent)
    counted, found = Counter[str](), []
    for line in log.read_text(errors="replace").splitlines():
        if match := _CALL.match(line):
            counted[match[1]] += 1
            if str(both.folder.parent) in line and " = -1 " not in line:
                found.append((match[1], counted[match[1]]))
    exchange = [number for number, (call, _) in enumerate(found) if call == "renameat2"][-1]  # the first is a try
    after = next(step for step in found[exchange:] if step[0] == "unlinkat")
    last = [step for step in found[exchange:] if step[0] == "fsync"][-1]
    places = (found[0], found[exchange // 2], found[exchange], after, last)
    _STEPS.update(zip(WHERE, places, strict=True))
    return _STEPS


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_the_runner_is_ended_while_it_bakes(
    place: Place, proven: Callable[..., Work], monkeypatch: pytest.MonkeyPatch, signum: int
) -> None:
    proven(PROFILE)
    place.made()
    published = place.root / "published" / place.work().cell.id
    old = whole(published)
    place.write(OTHER)
    monkeypatch.setenv("FAKE", "hang")
    process = subprocess.Popen(place.argv(), stderr=subprocess.PIPE, text=True, cwd=ROOT)
    for _ in range(600):
        if (place.root / "pid").exists() and (place.root / "pid").read_text():
            break
        time.sleep(0.05)
    process.send_signal(signum)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (-signum if signum == signal.SIGKILL else errors.SIGNALLED + signum)
    assert signum == signal.SIGKILL or f"nodebake: {sentences.INTERRUPTED}" in said
    assert whole(published) == old
    monkeypatch.setenv("FAKE", "")
    assert place.made("build").ok


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_with_the_runner_all_of_its_processes_end(place: Place, monkeypatch: pytest.MonkeyPatch, signum: int) -> None:
    place.profiles = ["node.yaml", "other.yaml"]
    place.write()
    (place.root / "other.yaml").write_text(PROFILE.replace("name: node", "name: other") + place.base)
    monkeypatch.setenv("FAKE", "hang")
    process = subprocess.Popen(place.argv("--jobs", "2", "--until", "build"), stderr=subprocess.DEVNULL, cwd=ROOT)
    for _ in range(600):
        if (place.root / "pid").exists() and len(_of(place)) >= 5:  # the runner, its two, and a Packer of each
            break
        time.sleep(0.05)
    process.send_signal(signum)
    assert process.wait(120) == (-signum if signum == signal.SIGKILL else errors.SIGNALLED + signum)
    for _ in range(600):
        if not _of(place):
            break
        time.sleep(0.05)
    assert _of(place) == []


def _of(place: Place) -> list[str]:
    """The processes that were started for a place."""
    mark, found = f"NODEBAKE_CACHE={place.root}/cache".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0") and process.name != str(os.getpid()):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return [command for command in found if command]


def test_signals_are_heard_again_after_a_step_that_published() -> None:
    """In a process of its own: the handlers are the whole process's."""
    program = (
        "import os, signal\nfrom generator import stop\nstop.unwind()\ntry:\n"
        "  with stop.saying('so far'):\n    stop.too_late(); os.kill(os.getpid(), signal.SIGTERM); stop.again()\n"
        "    print('deaf'); os.kill(os.getpid(), signal.SIGTERM); print('never')\n"
        "except KeyboardInterrupt as caught:\n  print(caught.args[0], stop.says())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split("\n") == ["deaf", "15 so far", ""]
    assert stop.says() == stop.SAYS


def test_a_folder_of_somebody_else_is_not_replaced(place: Place, proven: Callable[..., Work]) -> None:
    work = proven()
    theirs = place.root / "published" / work.cell.id
    theirs.mkdir(parents=True)
    (theirs / "diary").write_text("mine")
    made = place.made()
    assert made.failure is not None
    assert made.failure.told == f"{theirs} is there, and no pipeline has put it there"
    assert (theirs / "diary").read_text() == "mine"


def test_bytes_that_change_on_the_way_are_not_published(
    place: Place, proven: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = proven()
    wanted = publish.parcel(work)
    assert wanted is not None
    with work.image.open("r+b") as file:
        file.write(b"QFI\xfb other")
    monkeypatch.setattr(publish, "parcel", lambda _work: wanted)
    with pytest.raises(errors.ToolError, match=r"node\.qcow2 changed while it was copied"):
        publish.publish(work)
    assert not (place.root / "published" / work.cell.id).exists()
    assert list((place.root / "published").glob(".stage-*")) == []


@pytest.fixture
def memory() -> Any:
    files = fsspec.filesystem("memory")
    files.store.clear()
    return files


REMOTE = "prove: {faults: ['*']}\npublish: {to: 'memory://images'}\n"


def test_any_url(place: Place, proven: Callable[..., Work], memory: Any) -> None:
    """The files go into a folder that nobody knows of; then one put says which folder holds; the old one goes last."""
    place.extra = REMOTE
    work = proven()
    made = place.made()
    assert made.place == f"memory://images/{work.cell.id}"
    said = json.loads(memory.cat_file(f"/images/{work.cell.id}/published.json"))
    folder = f"/images/{work.cell.id}/{said['folder']}"
    assert hashlib.sha256(memory.cat_file(f"{folder}/node.qcow2")).hexdigest() == said["image_sha256"]
    assert place.made().unchanged
    proven(OTHER)
    place.made()
    other = json.loads(memory.cat_file(f"/images/{work.cell.id}/published.json"))
    assert other["image_sha256"] != said["image_sha256"]
    assert not memory.exists(folder)


def test_a_url_at_which_a_run_was_killed_when_all_but_the_old_one_was_done(
    place: Place, proven: Callable[..., Work], memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next image that is published takes it away."""
    place.extra = REMOTE
    work = proven()
    place.made()
    proven(OTHER)
    with monkeypatch.context() as killed:
        killed.setattr(remote, "_remove", lambda *_: None)
        place.made()
    assert place.made().unchanged
    assert len(memory.ls(f"/images/{work.cell.id}")) == 3
    proven(f"{PROFILE}# a third\n")
    place.made()
    assert len(memory.ls(f"/images/{work.cell.id}")) == 2


def test_a_url_that_fails_keeps_the_old_one(
    place: Place, proven: Callable[..., Work], memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.extra = REMOTE
    work = proven()
    place.made()
    before = memory.cat_file(f"/images/{work.cell.id}/published.json")
    proven(OTHER)
    monkeypatch.setattr(Remote, "write", _full)
    made = place.made()
    assert made.failure is not None
    assert "No space left" in made.failure.told
    assert memory.cat_file(f"/images/{work.cell.id}/published.json") == before
    assert memory.exists(f"/images/{work.cell.id}/{json.loads(before)['folder']}/node.qcow2")


def _full(_place: Remote, _name: str, _content: bytes) -> None:
    raise errors.ToolError("memory://images: No space left on device")


def test_a_url_that_nothing_reaches_is_said_first(place: Place) -> None:
    place.write(extra="prove: {faults: ['*']}\npublish: {to: 'nosuch://images'}\n")
    with pytest.raises(errors.NodebakeError, match=r"nosuch://images is no place to write to"):
        place.made()
    assert not place.out.exists()


def test_somebody_elses_published_json(place: Place, proven: Callable[..., Work], memory: Any) -> None:
    place.extra = REMOTE
    work = proven()
    memory.pipe_file(f"/images/{work.cell.id}/published.json", b"[]")
    made = place.made()
    assert made.failure is not None
    assert "no pipeline has put it there" in made.failure.told


def test_with_an_attestation_its_files_go_too(place: Place, proven: Callable[..., Work]) -> None:
    """And without them nothing does."""
    place.extra = "attest: {key: key.pem}\nprove: {faults: ['*']}\npublish: {to: published}\n"
    work = proven()
    assert publish.parcel(work) is None
    for ending in (".cdx.json", ".spdx.json", ".intoto.jsonl"):
        (work.folder / f"node{ending}").write_text("{}")
    found = publish.parcel(work)
    assert found is not None
    assert {"node.cdx.json", "node.spdx.json", "node.intoto.jsonl"} <= set(found.files)
    mark_tested(work)
    publish.publish(work)
    assert (place.root / "published" / work.cell.id / "node.intoto.jsonl").is_file()
