"""Pipelines of images that a fake Packer bakes, each in a folder of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work
from tests.conftest import ROOT
from tests.image import fakes
from tests.pipeline import stand_in

PROFILE = "apiVersion: nodebake/v1\nname: node\nmodules: [overlay]\n"
HEAD = "apiVersion: nodebake/v1\nkind: Pipeline\nname: golden\n"


@dataclass
class Place:
    """A pipeline with its profile, a base of its own, a fake Packer, and folders that nobody else has."""

    root: Path
    env: Mapping[str, str]
    base: str = ""
    extra: str = "prove: {faults: ['*']}\npublish: {to: published}\n"
    profiles: list[str] = field(default_factory=lambda: ["node.yaml"])

    @property
    def file(self) -> Path:
        return self.root / "pipeline.yaml"

    @property
    def out(self) -> Path:
        return self.root / "out"

    def write(self, profile: str = PROFILE, extra: str | None = None) -> None:
        (self.root / "node.yaml").write_text(profile + self.base, encoding="utf-8")
        text = self.extra if extra is None else extra
        matrix = f"matrix: {{profiles: {json.dumps(self.profiles)}}}\n"
        self.file.write_text(HEAD + matrix + text, encoding="utf-8")

    def argv(self, *more: str) -> list[str]:
        return [sys.executable, "-m", "generator", "pipeline", "run", str(self.file), "-o", str(self.out), *more]

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **self.env}
        return subprocess.run(self.argv(*more), capture_output=True, text=True, cwd=ROOT, env=env, check=False)

    def made(self, until: str = "publish", **more: Any) -> Outcome:
        """What becomes of the only image."""
        (outcome,) = pipeline.run(pipeline.Asked(str(self.file), self.out, until=until, **more)).outcomes
        return outcome

    def work(self) -> Work:
        loaded = pipeline.load(str(self.file))
        return Work(loaded.cells[0], loaded.pipeline, self.out)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Not below tmp_path, which is too long for a socket's name; but that shall not be made in here."""
    with tempfile.TemporaryDirectory(prefix="nbp-", dir="/tmp") as name:
        root = Path(name)
        base = root / "base.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(base), "1M"], check=True)
        digest = hashlib.sha256(base.read_bytes()).hexdigest()
        env = {
            "NODEBAKE_CACHE": str(root / "cache"),
            "NODEBAKE_PACKER": str(fakes.packer(root, stand_in.PACKER)),
            "FAKE": "",
            "FAKE_PID": str(root / "pid"),
            "FAKE_COUNT": str(root / "bakes"),
            "TMPDIR": str(root),
        }
        for variable, value in env.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(tempfile, "tempdir", str(root))
        made = Place(root, env, f"base: {{url: '{base.as_uri()}', sha256: {digest}, distro: debian-13}}\n")
        made.write()
        yield made


def bakes(place: Place) -> list[str]:
    path = place.root / "bakes"
    return path.read_text().split() if path.exists() else []


@pytest.fixture
def proven(place: Place) -> Callable[[str], Work]:
    """Bakes a profile's image, and has it tested."""

    def make(profile: str = PROFILE) -> Work:
        place.write(profile)
        made = place.made("build")
        assert made.ok, made
        work = place.work()
        stand_in.mark_tested(work)
        return work

    return make
