"""An image in its final forms: each is booted from the very file, and proven to be able to fail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boots.conftest import Ran

pytestmark = [pytest.mark.boots, pytest.mark.long]

FORMS = ("raw.zst", "vmdk", "vhd")
FAULT = "sysctl.net.ipv4.ip_forward.overridden"


def test_each_final_form_is_booted(tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]) -> None:
    path = profile("debian-13")
    built = nodebake("build", path, "-o", tmp_path, "--format", "qcow2,raw.zst,vmdk,vhd")
    assert built.code == 0
    image, *others = map(Path, built.out.split())
    assert [other.name for other in others] == [f"{image.stem}.{form}" for form in FORMS]
    told = json.loads((image.parent / "manifest.json").read_text())["image"]
    packed = nodebake("convert", image, "--to", "qcow2", "-o", tmp_path / "packed")
    assert packed.code == 0
    for form in (*others, Path(packed.out.strip())):
        digest = hashlib.sha256(form.read_bytes()).hexdigest()
        verified = nodebake("verify", form, "--profile", path, "--boots", "1", "--format", "json")
        assert verified.code == 0, (form.name, verified.out)
        report = json.loads(verified.out)
        assert report["tested"]["image_sha256"] == digest
        assert {verdict["status"] for verdict in report["verdicts"]} == {"pass"}
        assert {verdict["boot"] for verdict in report["verdicts"]} == {0, 1}
        assert hashlib.sha256(form.read_bytes()).hexdigest() == digest
    assert {row["file"] for row in told["forms"].values()} == {other.name for other in others}
    proven = nodebake("prove", others[1], "--profile", path, "--only", FAULT, "--format", "json")
    trials = json.loads(proven.out)["trials"]
    assert [(trial["fault"], trial["verdict"]) for trial in trials] == [(FAULT, "killed")]
