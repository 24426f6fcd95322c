"""Where nodebake is tried: its inputs, what each subject published before, and a fresh place for each try."""

from __future__ import annotations

import compileall
import hashlib
import itertools
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.image import fakes
from tests.pipeline import stand_in
from tests.reliability.cases import SUBJECTS, Subject

Choose = Callable[[Sequence[Any]], Sequence[Any]]  # which of many tries
Snapshot = Mapping[str, tuple[str, str]] | None  # of each path its mode and sha256; None where nothing is there
NOTHING, OLD, NEW, MIXTURE = "nothing", "old", "new", "a mixture"
PATIENCE = 600.0  # seconds: a command that takes longer hangs
GONE = 2.0  # seconds in which every process must be gone after a SIGKILL
_MARK = "NODEBAKE_TRY"
_MANY = 300  # nodes: a fleet of which the first hundred tell whether there is room for the others
_PIPELINE = """\
apiVersion: nodebake/v1
kind: Pipeline
name: golden
matrix: {{profiles: ['{profile}']}}
prove: {{faults: ['*']}}
publish: {{to: '{to}'}}
"""
_NODES = {"old": ("a", "b", "gone"), "new": ("a", "b", "c", "d")}


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended. `running` are processes that it has left, `code` is negative after a signal."""

    code: int
    out: str
    err: str
    running: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Stderr, and what a report on stdout says of failures."""
        return "".join([self.err, *(line for line in self.out.splitlines(keepends=True) if line.startswith("FAIL: "))])


@dataclass(frozen=True, slots=True)
class Place:
    """One try's own folders, and the mark by which all of its processes are known."""

    root: Path
    subject: Subject
    env: Mapping[str, str]
    folder: str = ""
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def out(self) -> Path:
        return self.root / "out" / self.folder

    @property
    def target(self) -> Path:
        return self.out / self.subject.target

    def whole_env(self, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The environment of a command, in which None takes a variable out."""
        own = {"TMPDIR": self.root / "tmp", "NODEBAKE_CACHE": self.root / "cache", "HOME": self.root, _MARK: self.mark}
        env = {**os.environ, **self.env, **{name: str(value) for name, value in own.items()}}
        for name, value in (more or {}).items():
            env.pop(name, None)
            if value is not None:
                env[name] = value
        return env

    def snapshot(self) -> Snapshot:
        return snapshot(self.target)

    def left(self) -> tuple[str, ...]:
        """What is there and neither published nor a lock: its name, without what is random in it."""
        folders = {"out": self.out, "base": self.root / "cache" / "base"}
        folders |= {name: self.root / name for name in ("tmp", "images")}
        there = {name: folder.iterdir() for name, folder in folders.items() if folder.is_dir()}
        names = {f"{name}/{found.name}" for name, all_found in there.items() for found in all_found}
        return tuple(sorted(name for name in names if not name.endswith(".lock") and name not in self._expected()))

    def running(self, within: float = 0.0) -> tuple[str, ...]:
        """Processes of this try that still are there after so many seconds."""
        end = time.monotonic() + within
        while (found := _marked(self.mark)) and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def _expected(self) -> set[str]:
        made = {f"images/{name}" for name in (self.subject.target, "index.html", "junit.xml")}
        return {f"out/{self.subject.target}", *made, *(f"base/{name}" for name in self.subject.cached)}


def snapshot(path: Path) -> Snapshot:
    """A file, or a folder with all that is in it but logs."""
    if not path.exists():
        return None
    found = {} if path.is_file() else {str(one.relative_to(path)): _seen(one) for one in sorted(path.rglob("*"))}
    return {".": _seen(path), **{name: seen for name, seen in found.items() if name.split("/")[0] != "logs"}}


def _seen(path: Path) -> tuple[str, str]:
    mode = path.lstat().st_mode
    return stat.filemode(mode), hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else ""


def _marked(mark: str) -> tuple[str, ...]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{_MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
        except OSError:
            continue
    return tuple(found)


class Bench:
    """Everything that tries share, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inputs = root / "in"
        self._numbers = itertools.count()
        self._knowing = threading.Lock()
        self._known: dict[str, tuple[Path, Snapshot, Snapshot]] = {}
        self._furnish()
        compileall.compile_dir(str(ROOT / "generator"), quiet=1)  # no try compiles, or writes what it compiled

    def _furnish(self) -> None:
        self.inputs.mkdir(parents=True)
        base = self.inputs / "base.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(base), "1M"], check=True)
        self.base = hashlib.sha256(base.read_bytes()).hexdigest()
        pin = f"base: {{url: '{base.as_uri()}', sha256: {self.base}, distro: debian-13}}\n"
        for which, nodes in _NODES.items():
            for name, listed in ((which, nodes), (f"{which}-many", [f"{which}{number}" for number in range(_MANY)])):
                (self.inputs / f"{name}.csv").write_text("hostname\n" + "".join(f"{node}\n" for node in listed))
            modules = "[overlay]" if which == "old" else "[overlay, br_netfilter]"
            head = f"apiVersion: nodebake/v1\nname: node\nmodules: {modules}\n"
            (self.inputs / f"{which}.yaml").write_text(head)
            (self.inputs / f"{which}-pinned.yaml").write_text(head + pin)
        fakes.packer(self.inputs, stand_in.PACKER)

    def argv(self, place: Place, which: str) -> list[str]:
        """The command line that publishes the old or the new."""
        places = {"in": self.inputs, "which": which, "out": place.out, "root": place.root}
        return [sys.executable, "-m", "generator", *(word.format(**places) for word in place.subject.argv)]

    def known(self, subject: Subject) -> tuple[Path, Snapshot, Snapshot]:
        """A place in which the old was published, and how the old and the new look."""
        with self._knowing:
            if subject.name not in self._known:
                self._known[subject.name] = self._learned(subject)
        return self._known[subject.name]

    def _learned(self, subject: Subject) -> tuple[Path, Snapshot, Snapshot]:
        place = self._place(subject)
        if subject.had:
            self._ready(place, "old")
            self._published(place, "old")
        self._ready(place, "new")
        old, kept = place.snapshot(), self.root / f"kept-{subject.name}"
        shutil.copytree(place.root, kept, symlinks=True)
        self._published(place, "new")
        return kept, old, place.snapshot()

    def _ready(self, place: Place, which: str) -> None:
        """A pipeline's images are baked and tested, so that nothing but publishing is to be done."""
        if place.subject.tests:
            pipeline, images = place.root / f"{which}.pipeline.yaml", place.root / "images"
            ran = self.run(place, [*self.argv(place, which), "--until", "build"])
            assert ran.code == 0, ran.told
            ran = self.run(place, [sys.executable, "-m", "tests.pipeline.stand_in", str(pipeline), str(images)])
            assert ran.code == 0, ran.told

    def _published(self, place: Place, which: str) -> None:
        ran = self.run(place, self.argv(place, which))
        assert ran.code == 0, ran.told
        assert place.left() == (), place.left()

    def _place(self, subject: Subject, folder: str = "") -> Place:
        root = self.root / str(next(self._numbers))
        for name in ("out", "tmp", "cache", "images"):
            (root / name).mkdir(parents=True)
        for which in _NODES:
            text = _PIPELINE.format(profile=self.inputs / f"{which}-pinned.yaml", to=root / "out")
            (root / f"{which}.pipeline.yaml").write_text(text)
        packer = {"NODEBAKE_PACKER": str(self.inputs / "packer"), "FAKE": "", "FAKE_PID": str(root / "pid")}
        packer["FAKE_COUNT"] = str(root / "bakes")
        steady = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        return Place(root, subject.of(self.base), {**packer, **steady}, folder)

    def fresh(self, subject: Subject, folder: str = "") -> Place:
        """A place with what was published before, in a folder of that name."""
        kept = self.known(subject)[0]
        place = self._place(subject, folder)
        for name in ("tmp", "cache", "images"):
            shutil.copytree(kept / name, place.root / name, symlinks=True, dirs_exist_ok=True)
        shutil.copytree(kept / "out", place.out, symlinks=True, dirs_exist_ok=True)
        return place

    def state(self, place: Place) -> str:
        """What is published there now."""
        _, old, new = self.known(SUBJECTS[place.subject.name])
        seen = place.snapshot()
        if seen == new:
            return NEW
        return (OLD if old is not None else NOTHING) if seen == old else MIXTURE

    def run(
        self,
        place: Place,
        argv: Sequence[str],
        *,
        within: float = 0.0,
        env: Mapping[str, str | None] | None = None,
    ) -> Ran:
        """Run a command in a place, to its end."""
        whole = place.whole_env(env)
        done = subprocess.run(
            argv,
            capture_output=True,
            env=whole,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=PATIENCE,
            cwd=place.root,
        )
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        return Ran(done.returncode, out, err, place.running(within))
