"""Two builds from one lock have the same files; one gets its signed word, with what really came of its tests."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boots.conftest import Ran

pytestmark = [pytest.mark.boots, pytest.mark.long]

# One that a boot must show, and one that the raw image does.
FAULTS = ("modules.overlay.forbidden", "hygiene.machine-id.kept")


def _keys(folder: Path) -> tuple[Path, Path]:
    key, public = folder / "key.pem", folder / "key.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    return key, public


def test_two_builds_from_one_lock(tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]) -> None:
    path = profile("debian-13")
    assert nodebake("build", path, "--locked", "-o", tmp_path / "none").code == 2
    assert nodebake("base", "lock", path).out == f"{path.with_suffix('.lock.json')}\n"
    built = [nodebake("build", path, "--locked", "-o", tmp_path / name) for name in ("a", "b")]
    assert [one.code for one in built] == [0, 0]
    one, other = (Path(ran.out.strip()) for ran in built)
    compared = nodebake("compare", one, other, "--all")
    assert compared.code == 0, compared.out
    _attested(tmp_path, nodebake, path, one)


def _attested(folder: Path, nodebake: Callable[..., Ran], path: Path, image: Path) -> None:
    report, proof = folder / "verify.json", folder / "prove.json"
    assert nodebake("verify", image, "--profile", path, "--boots", 1, "--report", report).code == 0
    proven = nodebake("prove", image, "--profile", path, "--only", *FAULTS, "--format", "json")
    assert proven.code == 0, proven.out
    proof.write_text(proven.out, encoding="utf-8")
    key, public = _keys(folder)
    told = ("--report", report, "--proof", proof)
    assert nodebake("attest", image, "--profile", path, "--key", key, *told).code == 0
    lock = path.with_suffix(".lock.json")
    holds = ("verify-attestation", image, "--public-key", public, "--profile", path, "--lock", lock)
    held = nodebake(*holds, "--format", "json")
    assert held.code == 0, held.out
    assert json.loads(held.out)
    lock.write_bytes(lock.read_bytes() + b"\n")
    assert nodebake(*holds).code == 1
