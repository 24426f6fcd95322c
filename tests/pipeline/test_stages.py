"""What each stage leaves, and what it refuses: verify, prove, attest, and their keys."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import errors, pipeline
from generator import prove as proving
from generator import verify as verifying
from generator.attest import check, keys
from generator.base import keys as names
from generator.pipeline import stages
from generator.pipeline.work import PROVEN, VERIFIED, Work
from generator.prove.record import Proof
from tests import debian
from tests.attest.conftest import proof as told_proof
from tests.attest.conftest import report as told_report
from tests.prove.conftest import proof, trial
from tests.report import fixture

__all__ = ["proof"]
PROFILE = "apiVersion: nodebake/v1\nname: node\nbase: debian-13\nmodules: [overlay]\nsysctl: {net.ipv4.ip_forward: 1}\n"
HEAD = "apiVersion: nodebake/v1\nkind: Pipeline\nname: golden\nmatrix: {profiles: [node.yaml]}\n"


@pytest.fixture
def work(cache: Path, tmp_path: Path) -> Work:
    """An image that stands where a build leaves it, and a pipeline that asks for all."""
    (tmp_path / "node.yaml").write_text(PROFILE)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "key.pem"], check=True)
    (tmp_path / "pipeline.yaml").write_text(
        f"{HEAD}prove: {{faults: ['sysctl.*', 'swap.*']}}\nattest: {{key: key.pem}}\npublish: {{to: published}}\n"
    )
    loaded = pipeline.load(str(tmp_path / "pipeline.yaml"))
    made = Work(loaded.cells[0], loaded.pipeline, tmp_path / "out")
    made.folder.mkdir(parents=True)
    return made


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NODEBAKE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_verify_leaves_the_verdicts_in_each_form(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(
        verifying, "verify", lambda image, plan, **more: asked.update(more, image=image) or fixture.good()
    )
    told, written = stages.DOING["verify"].do(work)
    assert asked == {"image": work.image, "boots": 2, "chart": True}
    assert told.endswith(" checks in 2 boots")
    assert [path.name for path in written] == ["verify.json", "verify.xml", "verify.html"]
    assert json.loads((work.folder / VERIFIED).read_text())["tested"]["image_sha256"] == fixture.TESTED.image_sha256
    assert ET.parse(work.folder / "verify.xml").getroot().tag == "testsuite"


def test_a_red_image_is_a_failure_with_its_page(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "verify", lambda *_, **__: fixture.bad())
    with pytest.raises(errors.CheckFailed) as caught:
        stages.DOING["verify"].do(work)
    assert caught.value.sentence == "red: swap, sysctl.net.ipv4.ip_forward"
    assert "Failed" in (work.folder / "verify.html").read_text()


def test_what_an_earlier_image_was_told_of_is_gone_when_the_next_one_does_not_boot(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (VERIFIED, "verify.xml", "verify.html", PROVEN, "prove.xml", "proof.md"):
        (work.folder / name).write_text("of yesterday")

    def lost(*_: object, **__: object) -> None:
        raise errors.GuestError("it did not boot")

    monkeypatch.setattr(verifying, "verify", lost)
    monkeypatch.setattr(proving, "prove", lost)
    for name in ("verify", "prove"):
        with pytest.raises(errors.GuestError):
            stages.DOING[name].do(work)
    assert list(work.folder.iterdir()) == []


def test_only_faults_that_the_profile_has_are_asked_for(
    work: Work, monkeypatch: pytest.MonkeyPatch, proof: Callable[..., Proof]
) -> None:
    asked: list[proving.Request] = []
    monkeypatch.setattr(proving, "prove", lambda request: asked.append(request) or proof(trial("l", "l"), partial=True))
    told, written = stages.DOING["prove"].do(work)
    assert asked == [proving.Request(work.image, work.cell.plan, ("sysctl.*",))]
    assert told == "1 of 1 faults caught"
    assert [path.name for path in written] == [PROVEN, "prove.xml", "proof.md"]


def test_all_faults(work: Work, monkeypatch: pytest.MonkeyPatch, proof: Callable[..., Proof]) -> None:
    every = dataclasses.replace(work, pipeline=dataclasses.replace(work.pipeline, faults=("*",)), guests=3)
    asked: list[proving.Request] = []
    good = proof(trial("l", "l"), trial("p", "p"), trial("i", "i"))
    monkeypatch.setattr(proving, "prove", lambda request: asked.append(request) or good)
    stages.DOING["prove"].do(every)
    assert (asked[0].only, asked[0].jobs) == (None, 3)


def test_a_fault_that_nothing_caught_is_a_failure(
    work: Work, monkeypatch: pytest.MonkeyPatch, proof: Callable[..., Proof]
) -> None:
    monkeypatch.setattr(proving, "prove", lambda _request: proof(trial("l", ""), partial=True))
    with pytest.raises(errors.CheckFailed) as caught:
        stages.DOING["prove"].do(work)
    assert caught.value.sentence == "not caught as predicted: f (survived)"


def test_an_attestation_holds_for_who_has_the_public_key(work: Work) -> None:
    """A real one, of a small disk."""
    image = debian.image(work.folder, work.cell.plan)
    assert image == work.image
    (work.folder / VERIFIED).write_text(json.dumps(told_report(image, work.cell.plan)))
    (work.folder / PROVEN).write_text(json.dumps({**told_proof(image, work.cell.plan), "partial": True}))
    _, written = stages.DOING["attest"].do(work)
    assert [path.name for path in written] == ["node.cdx.json", "node.spdx.json", "node.intoto.jsonl"]
    public = keys.private(work.pipeline.path("key.pem")).public_key()
    held = check.check(check.Asked(image, written[-1], public, work.cell.plan.profile.digest))
    assert [test["result"] for test in held.tests] == ["PASSED", "WARNED"]


@pytest.mark.parametrize(
    ("stage", "change", "reason"),
    [
        ("verify", "image", ["the image"]),
        ("verify", "profile", ["the profile's text"]),
        ("verify", "boots", ["the boots"]),
        ("verify", "nodebake", ["nodebake"]),
        ("prove", "faults", ["the faults"]),
        ("prove", "nodebake", ["nodebake"]),
        ("attest", "verdict", ["the verdict"]),
        ("attest", "key", ["the key"]),
    ],
)
def test_what_a_verdict_is_about_is_in_its_key(
    work: Work, stage: str, change: str, reason: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (work.image.name, VERIFIED, PROVEN):
        (work.folder / name).write_text(name)
    before = dict(stages.DOING[stage].parts(work))
    assert dict(stages.DOING[stage].parts(work)) == before
    changed = _changed(work, change, monkeypatch)
    assert names.changed(before, stages.DOING[stage].parts(changed)) == reason


def _changed(work: Work, change: str, monkeypatch: pytest.MonkeyPatch) -> Work:
    plan, asked = work.cell.plan, work.pipeline
    if change in ("image", "verdict"):
        (work.folder / (work.image.name if change == "image" else VERIFIED)).write_text("other")
    elif change == "key":
        path = work.pipeline.path("key.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    elif change == "nodebake":
        monkeypatch.setattr(names, "tool", lambda: "another")
    elif change == "profile":
        plan = dataclasses.replace(plan, profile=dataclasses.replace(plan.profile, digest="00"))
    elif change == "boots":
        asked = dataclasses.replace(asked, boots=3)
    else:
        asked = dataclasses.replace(asked, faults=("modules.*",))
    return dataclasses.replace(work, pipeline=asked, cell=dataclasses.replace(work.cell, plan=plan))
