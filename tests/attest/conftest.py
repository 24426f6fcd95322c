"""An image with its manifest and the results of its tests, attested with a key of this test alone."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generator import attest
from generator import plan as planning
from generator.attest import bundle, check
from generator.base import cache
from generator.model import Plan
from tests import debian
from tests.conftest import HEAD

Documents = list[dict[str, Any]]


@dataclass(frozen=True)
class Attested:
    """Everything that was attested, and means to attest something else with the same key."""

    image: Path
    plan: Plan
    key: Ed25519PrivateKey

    @property
    def file(self) -> Path:
        return self.image.with_suffix(attest.ENDING)

    @property
    def documents(self) -> Documents:
        lines = self.file.read_text().splitlines()
        return [json.loads(base64.b64decode(json.loads(line)["payload"])) for line in lines]

    def sign(self, documents: Documents) -> None:
        self.file.write_bytes(bundle.write(documents, self.key))

    def check(self, **more: Any) -> check.Holds:
        return check.check(check.Asked(self.image, self.file, self.key.public_key(), **more))


def report(image: Path, plan: Plan) -> dict[str, Any]:
    """As `verify --format json` prints it."""
    tested = {
        "image_sha256": cache.digest(image),
        "profile_sha256": plan.profile.digest,
        "tool": "nodebake 0.1.0",
        "qemu": "QEMU emulator version 7.2",
        "accelerator": "tcg, CPU max",
        "when": "2026-11-26T00:00:00Z",
    }
    rows = [("swap.off", 1, "pass"), ("swap.off", 2, "pass"), ("hygiene.keys", 0, "pass"), ("probe.x", 2, "skipped")]
    verdicts = [{"check": check, "boot": boot, "status": status} for check, boot, status in rows]
    return {"ok": True, "tested": tested, "verdicts": verdicts}


def proof(image: Path, plan: Plan) -> dict[str, Any]:
    """As `prove --format json` prints it."""
    trials = [{"fault": f"swap.fault{number}", "verdict": "killed"} for number in range(3)]
    about = {"image_sha256": cache.digest(image), "profile_sha256": plan.profile.digest}
    return {**about, "ok": True, "partial": False, "unproven": [], "trials": trials, "host": "a host"}


SETTINGS = "base: debian-13\nmodules: [overlay]\nsysctl: {net.ipv4.ip_forward: 1}\n"


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> attest.Asked:
    """Made and attested once: a disk takes a moment."""
    folder = tmp_path_factory.mktemp("attested")
    (folder / "profile.yaml").write_text(HEAD + SETTINGS)
    (folder / "output").mkdir()
    plan = planning.load(str(folder / "profile.yaml"))
    image = debian.image(folder / "output", plan)
    for name, told in (("verify.json", report(image, plan)), ("prove.json", proof(image, plan))):
        (folder / name).write_text(json.dumps(told))
    asked = attest.Asked(image, plan, Ed25519PrivateKey.generate(), folder / "verify.json", folder / "prove.json")
    attest.attest(asked)
    return asked


def _copied(once: attest.Asked, folder: Path) -> attest.Asked:
    (folder / "output").mkdir()
    for path in (*once.image.parent.glob("*.json*"), once.image):
        shutil.copy(path, folder / "output")
    for path in once.image.parent.parent.glob("*.*"):
        shutil.copy(path, folder)
    plan = planning.load(str(folder / "profile.yaml"))
    return attest.Asked(
        folder / "output" / once.image.name, plan, once.key, folder / "verify.json", folder / "prove.json"
    )


@pytest.fixture
def built(once: attest.Asked, tmp_path: Path) -> attest.Asked:
    """What may be attested."""
    asked = _copied(once, tmp_path)
    for path in asked.image.parent.glob("node.*.json*"):
        path.unlink()
    return asked


@pytest.fixture
def attested(once: attest.Asked, tmp_path: Path) -> Attested:
    asked = _copied(once, tmp_path)
    return Attested(asked.image, asked.plan, asked.key)
