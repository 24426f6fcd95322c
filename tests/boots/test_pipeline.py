"""Two profiles on two Debian releases, from nothing to published and attested images; and what is done again."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import proc
from tests.boots.conftest import PROFILES, Ran

pytestmark = [pytest.mark.boots, pytest.mark.long]

STAGES = ["check", "render", "build", "verify", "prove", "attest", "publish"]
FAULT = "sysctl.net.ipv4.ip_forward.overridden"
IMAGES = [f"k8s-{kind}-{base}" for kind in ("node", "containerd") for base in ("debian-13", "debian-12")]


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a cache of its own: nothing is there."""
    monkeypatch.setenv("NODEBAKE_CACHE", str(tmp_path / "cache"))
    for name in ("k8s-node", "k8s-containerd"):
        (tmp_path / f"{name}.yaml").write_text((PROFILES / f"{name}.yaml").read_text())
    proc.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(tmp_path / "key.pem")])
    proc.run(["openssl", "pkey", "-in", str(tmp_path / "key.pem"), "-pubout", "-out", str(tmp_path / "key.pub")])
    path = tmp_path / "pipeline.yaml"
    path.write_text(
        "apiVersion: nodebake/v1\nkind: Pipeline\nname: golden\n"
        "matrix: {profiles: [k8s-node.yaml, k8s-containerd.yaml], bases: [debian-13, debian-12]}\n"
        f"prove: {{faults: [{FAULT}]}}\nattest: {{key: key.pem}}\npublish: {{to: published}}\n"
    )
    return path


def test_from_nothing_to_published(pipeline: Path, tmp_path: Path, nodebake: Callable[..., Ran]) -> None:
    def run(*more: str) -> tuple[dict[str, dict[str, Any]], float]:
        began = time.monotonic()
        ran = nodebake("pipeline", "run", pipeline, "-o", tmp_path / "out", "--format", "json", *more)
        told = {image["cell"]: image for image in json.loads(ran.out)["images"]}
        assert ran.code == 0, ran.out
        return told, time.monotonic() - began

    first, full = run()
    assert list(first) == IMAGES
    assert {name: [stage["name"] for stage in image["stages"]] for name, image in first.items()} == dict.fromkeys(
        IMAGES, STAGES
    )
    for name, image in first.items():
        _attested(tmp_path, name, image, nodebake)

    again, nothing = run()
    assert {stage["status"] for image in again.values() for stage in image["stages"][1:]} == {"kept"}
    assert {name: image["image_sha256"] for name, image in again.items()} == {
        name: image["image_sha256"] for name, image in first.items()
    }

    profile = tmp_path / "k8s-containerd.yaml"
    profile.write_text(profile.read_text().replace("ip_forward: 1", "ip_forward: 1\n  net.core.somaxconn: 4096"))
    edited, one_edit = run()
    other = {name for name, image in edited.items() if image["image_sha256"] != first[name]["image_sha256"]}
    assert other == {"k8s-containerd-debian-13", "k8s-containerd-debian-12"}
    for name in other:
        image = edited[name]
        reasons = {stage["name"]: stage["reason"] for stage in image["stages"]}
        assert reasons["build"] == "changed: sysctl, the checks of a build"
        layer = next(looked for looked in image["looks"] if "-layer-" in looked["what"])
        assert layer["hit"], layer
        _attested(tmp_path, name, image, nodebake)
    print(f"from nothing {full:.0f} s, nothing changed {nothing:.1f} s, one edit {one_edit:.0f} s")
    for told in (first, edited):
        print({name: {s["name"]: round(s["seconds"], 1) for s in image["stages"]} for name, image in told.items()})


def _attested(tmp_path: Path, name: str, image: dict[str, Any], nodebake: Callable[..., Ran]) -> None:
    """What is published holds by its own attestation, for whoever has the public key and nothing else of the run."""
    place = Path(image["place"])
    assert place == tmp_path / "published" / name
    (disk,) = place.glob("*.qcow2")
    asked = ("verify-attestation", disk, "--public-key", tmp_path / "key.pub", "--profile", place / "profile.yaml")
    told = nodebake(*asked, "--format", "json")
    assert told.code == 0, told.err
    results = {test["verb"]: test["result"] for test in json.loads(told.out)["tests"]}
    assert results == {"verify": "PASSED", "prove": "WARNED"}  # of one fault only
    assert json.loads((place / "published.json").read_text())["image_sha256"] == image["image_sha256"]
    subprocess.run(["qemu-img", "check", "-q", str(disk)], check=True)
