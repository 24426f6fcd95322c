"""Pipelines of images that a fake Packer bakes, and verdicts on them as verify and prove write them."""

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
from generator.pipeline import stages
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import PROVEN, VERIFIED, Work
from tests.conftest import ROOT
from tests.image import fakes

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
            "NODEBAKE_PACKER": str(fakes.packer(root, COUNTING)),
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


# A bake leaves a line: the name of the image. What it makes differs with what was uploaded, as a real one does.
_BAKES = """*)
  image=$(sed -n 's/.*"name": "\\(.*\\)".*/\\1/p' build.pkrvars.json)
  echo "$image" >> "$FAKE_COUNT"
  cp base.qcow2 "disk/image/$image.qcow2"
  byte=$(cat upload/apply.sh upload/laid | sha256sum | cut -c1-2)
  qemu-io -f qcow2 -c "write -P 0x$byte 0 512" "disk/image/$image.qcow2" >/dev/null
  ;;"""
_COPIES = "*) cp base.qcow2 disk/image/node.qcow2 ;;"
COUNTING = fakes.PACKER.replace(_COPIES, _BAKES)
assert _BAKES in COUNTING


def bakes(place: Place) -> list[str]:
    path = place.root / "bakes"
    return path.read_text().split() if path.exists() else []


def verdicts(work: Work, *, image: str = "", ok: bool = True) -> dict[str, str]:
    """What verify and prove write of an image: all green, and all of one fault caught."""
    about = {"image_sha256": image or work.digest(work.image.name), "profile_sha256": work.cell.plan.profile.digest}
    tested = {**about, "base": "", "base_sha256": "", "tool": "", "qemu": "", "accelerator": "", "when": ""}
    row = {"check": "modules.overlay", "boot": 1, "status": "pass" if ok else "fail"}
    report = {"ok": ok, "tested": tested, "verdicts": [row]}
    trial = {"fault": "modules.overlay.forbidden", "verdict": "killed"}
    proof = {**about, "ok": True, "trials": [trial], "unproven": [], "partial": False, "host": "a test"}
    return {VERIFIED: json.dumps(report), PROVEN: json.dumps(proof)}


def mark_tested(work: Work) -> None:
    """As if the image had been verified and proven: what those stages leave, recorded as they do."""
    for name, content in {**verdicts(work), "verify.html": "a page"}.items():
        (work.folder / name).write_text(content)
    for name, file, told in (("verify", VERIFIED, "1 check"), ("prove", PROVEN, "1 fault")):
        more = [work.folder / "verify.html"] if name == "verify" else []
        work.kept.save(name, stages.DOING[name].parts(work), [work.folder / file, *more], told)


@pytest.fixture
def proven(place: Place) -> Callable[[str], Work]:
    """Bakes a profile's image, and has it tested."""

    def make(profile: str = PROFILE) -> Work:
        place.write(profile)
        made = place.made("build")
        assert made.ok, made
        work = place.work()
        mark_tested(work)
        return work

    return make
