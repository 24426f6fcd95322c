"""manifest.json goes with an image, and says what it was built from: whoever changes or loses it is found out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from generator import errors
from generator.base import keys
from generator.pipeline import publish, stages
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work
from tests.pipeline.conftest import Place, bakes
from tests.pipeline.stand_in import mark_tested
from tests.pipeline.test_run import reason, status


def rewritten(work: Work, change: Callable[[dict[str, Any]], None]) -> None:
    path = work.folder / "manifest.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def test_a_forged_base_is_no_longer_what_was_built(place: Place) -> None:
    first = place.made("build")
    before = (place.work().folder / "manifest.json").read_bytes()
    rewritten(place.work(), lambda told: told["image"].update(base_sha256="FORGED"))
    made = place.made("build")
    assert reason(made, "build") == "manifest.json is not what was made"
    assert (made.image_sha256, bakes(place)) == (first.image_sha256, ["node", "node"])
    assert (place.work().folder / "manifest.json").read_bytes() == before
    assert place.made("build").unchanged


def test_one_that_is_gone_is_made_again(place: Place) -> None:
    """By render, and as that does not know of the image, by a build."""
    place.made("build")
    before = (place.work().folder / "manifest.json").read_bytes()
    (place.work().folder / "manifest.json").unlink()
    made = place.made("build")
    assert reason(made, "render") == "manifest.json is not there any more"
    assert reason(made, "build") == "manifest.json is not what was made"
    assert (place.work().folder / "manifest.json").read_bytes() == before


def test_render_alone_makes_it_again(place: Place) -> None:
    place.made("render")
    assert place.made("render").unchanged
    rewritten(place.work(), lambda told: told["artefacts"].popitem())
    assert reason(place.made("render"), "render") == "manifest.json is not what was made"
    (place.work().folder / "manifest.json").unlink()
    assert status(place.made("render"))["render"] == "done"
    assert (place.work().folder / "manifest.json").is_file()


def test_what_is_rendered_anew_and_what_is_converted_is_not_baked_again(place: Place) -> None:
    """Both write the manifest, and say nothing new of the image."""
    place.made("build")
    rewritten(place.work(), lambda told: told["artefacts"].popitem())
    rewritten(place.work(), lambda told: told["image"].update(forms={"vmdk": {"file": "node.vmdk", "sha256": "00"}}))
    made = place.made("build")
    assert status(made) == {"check": "done", "render": "done", "build": "kept"}
    assert bakes(place) == ["node"]


def refused(work: Work) -> str:
    with pytest.raises(errors.CheckFailed) as caught:
        publish.publish(work)
    return caught.value.sentence.removeprefix(f"{work.cell.id} is not published: ")


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"image": {"sha256": "0" * 64, "base_sha256": "FORGED"}}, "image"),
        ({"image": {"profile_sha256": "0" * 64}}, "profile"),
        ({"profile": {"sha256": "0" * 64}}, "profile"),
        ({"profile": []}, "profile"),
    ],
)
def test_one_about_something_else_is_not_published(
    proven: Callable[..., Work], told: dict[str, Any], what: str
) -> None:
    """Whoever changes it between the build and the last look."""
    work = proven()

    def change(manifest: dict[str, Any]) -> None:
        for name, value in told.items():
            manifest[name] = {**manifest[name], **value} if isinstance(value, dict) else value

    rewritten(work, change)
    assert refused(work) == f"manifest.json is about another {what}"


@pytest.mark.parametrize("name", ["manifest.json", "node.qcow2", "verify.html", "proof.json"])
def test_a_file_that_is_missing_is_named(proven: Callable[..., Work], name: str) -> None:
    work = proven()
    (work.folder / name).unlink()
    assert refused(work) == f"{name} is not there"


def test_a_finished_run_is_not_published_again_with_a_forged_one(place: Place, proven: Callable[..., Work]) -> None:
    work = proven()
    place.made()
    said = (place.root / "published" / work.cell.id / "manifest.json").read_bytes()
    rewritten(work, lambda told: told["image"].update(sha256="0" * 64, base_sha256="FORGED"))
    made: Outcome = place.made()
    assert reason(made, "build") == "manifest.json is not what was made"
    assert (made.ok, (place.root / "published" / work.cell.id / "manifest.json").read_bytes()) == (True, said)


def test_an_attestation_is_of_the_manifest_too(place: Place, proven: Callable[..., Work]) -> None:
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", place.root / "key.pem"], check=True)
    place.extra = "attest: {key: key.pem}\nprove: {faults: ['*']}\n"
    work = proven()
    mark_tested(work)
    before = dict(stages.DOING["attest"].parts(work))
    rewritten(work, lambda told: told["image"].update(base_sha256="FORGED"))
    assert keys.changed(before, stages.DOING["attest"].parts(work)) == ["the manifest"]
