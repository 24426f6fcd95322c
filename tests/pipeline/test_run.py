"""A pipeline from its file to its published image, with a fake Packer: what is done, and what is not done again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import errors, locks, pipeline
from generator.base import cache
from generator.pipeline import make, stages
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work
from tests.pipeline.conftest import PROFILE, Place, bakes
from tests.pipeline.stand_in import mark_tested, verdicts

OTHER = PROFILE.replace("[overlay]", "[overlay, br_netfilter]")


def status(made: Outcome) -> dict[str, str]:
    return {stage.name: stage.status for stage in made.stages}


def reason(made: Outcome, name: str) -> str:
    stage = made.stage(name)
    assert stage is not None
    return stage.reason


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_has_not_changed_is_not_done_again(place: Place) -> None:
    first = place.made("build")
    assert status(first) == {"check": "done", "render": "done", "build": "done"}
    assert reason(first, "build") == "nothing like it was made before"
    again = place.made("build")
    assert status(again) == {"check": "done", "render": "kept", "build": "kept"}
    assert reason(again, "build") == "nothing has changed"
    assert (again.image_sha256, again.ok, again.unchanged) == (first.image_sha256, True, True)
    assert place.made("build", reread=True).unchanged
    assert bakes(place) == ["node"]


def test_an_edit_is_named_and_baked(place: Place) -> None:
    before = place.made("build")
    place.write(OTHER)
    made = place.made("build")
    assert status(made)["build"] == "done"
    assert reason(made, "build") == "changed: modules"
    assert made.image_sha256 != before.image_sha256


def test_a_comment_is_named_as_such(place: Place) -> None:
    """It changes the profile's sha256, which the manifest and the attestation of an image speak of."""
    place.made("build")
    place.write(f"{PROFILE}# a word\n")
    assert reason(place.made("build"), "build") == "changed: what is uploaded, the profile's text"


def test_an_image_that_somebody_changed_is_baked_again(place: Place) -> None:
    place.made("build")
    with place.work().image.open("ab") as file:
        file.write(b"more")
    assert reason(place.made("build"), "build") == "node.qcow2 is not what was made"
    assert bakes(place) == ["node", "node"]


def test_a_folder_that_is_gone_is_made_again(place: Place) -> None:
    place.made("build")
    place.work().image.unlink()
    assert reason(place.made("build"), "build") == "node.qcow2 is not there any more"


def test_a_tested_image_is_published_and_then_stays(place: Place, proven: Callable[..., Work]) -> None:
    work = proven()
    made = place.made()
    assert list(status(made).values()) == ["done", "kept", "kept", "kept", "kept", "done"]
    there = place.root / "published" / work.cell.id
    assert made.place == str(there)
    said = json.loads((there / "published.json").read_text())
    assert said["image_sha256"] == sha256(there / "node.qcow2") == made.image_sha256
    assert set(said["files"]) == {path.name for path in there.iterdir()} - {"published.json"}
    assert place.made().unchanged
    (there / "node.qcow2").write_bytes(b"another")
    mended = place.made()
    assert reason(mended, "publish") == "what is published is another one, or none"
    assert sha256(there / "node.qcow2") == made.image_sha256


def forged(work: Work, verified: dict[str, str]) -> None:
    """Results that are not so, with records as if they were."""
    for name, content in verified.items():
        (work.folder / name).write_text(content)
    for stage in ("verify", "prove"):
        path = work.folder / "kept" / f"{stage}.json"
        record = json.loads(path.read_text())
        record["outputs"] = {name: sha256(work.folder / name) for name in record["outputs"]}
        path.write_text(json.dumps(record))


def test_a_verdict_of_another_image_publishes_nothing(place: Place, proven: Callable[..., Work]) -> None:
    """Whatever a record says: the last look asks the results themselves."""
    work = proven()
    forged(work, verdicts(work, image="0" * 64))
    made = place.made()
    assert made.failure is not None
    assert (made.failure.name, made.code) == ("publish", errors.CHECK_FAILED)
    assert made.failure.told == (
        f"{work.cell.id} is not published: {work.folder}/verify.json is about another image; "
        f"{work.folder}/proof.json is about another image"
    )
    assert not (place.root / "published" / work.cell.id).exists()


def test_a_red_verdict_publishes_nothing(place: Place, proven: Callable[..., Work]) -> None:
    work = proven()
    forged(work, verdicts(work, ok=False))
    made = place.made()
    assert made.failure is not None
    assert made.failure.told == f"{work.cell.id} is not published: verify.json says FAILED"


def test_an_image_of_which_nothing_is_known_stays_where_it_is(place: Place, proven: Callable[..., Work]) -> None:
    """A profile that was edited after the image was tested: its verdicts are of another one."""
    work = proven()
    published = place.root / "published" / work.cell.id
    place.made()
    before = sha256(published / "node.qcow2")
    place.write(OTHER)
    place.made("build")
    assert place.work().kept.look("verify", {"the image": "of today"})[1] is None
    assert make.known(place.work(), "publish") is None
    assert sha256(published / "node.qcow2") == before


def test_a_failure_ends_its_image_and_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAKE", "fail")
    made = place.made("build")
    assert status(made) == {"check": "done", "render": "done", "build": "failed"}
    assert made.failure is not None
    assert made.failure.told.startswith("the build failed while applying: Script exited with non-zero exit status: 1")
    assert made.code == errors.TOOL


@pytest.mark.parametrize(("lost", "code"), [(1, 0), (2, errors.GUEST)])
def test_a_guest_that_was_lost_has_a_second_try(
    place: Place, monkeypatch: pytest.MonkeyPatch, lost: int, code: int
) -> None:
    """And no third one."""
    tries, real = [], stages.DOING["build"]

    def do(work: Work) -> stages.Done:
        tries.append(work)
        if len(tries) <= lost:
            raise errors.GuestError("the kernel panicked\nits words")
        return real.do(work)

    monkeypatch.setattr(stages, "DOING", {**stages.DOING, "build": stages.Doing(real.parts, do)})
    assert (place.made("build").code, len(tries)) == (code, 2)


@pytest.mark.parametrize("error", [errors.QemuEnded("QEMU went away"), errors.CheckFailed("red: swap")])
def test_a_verdict_has_none(place: Place, monkeypatch: pytest.MonkeyPatch, error: errors.NodebakeError) -> None:
    tries = []

    def do(work: Work) -> stages.Done:
        tries.append(work)
        raise error

    doing = stages.Doing(stages.DOING["build"].parts, do)
    monkeypatch.setattr(stages, "DOING", {**stages.DOING, "build": doing})
    assert (place.made("build").code, len(tries)) == (error.exit_code, 1)


def test_a_bake_that_was_cut_off_is_done_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there of it has no record."""
    place.made("build")
    (place.work().folder / "kept" / "build.json").unlink()
    assert reason(place.made("build"), "build") == "nothing like it was made before"


def test_two_runs_at_one_image(place: Place) -> None:
    place.out.mkdir()
    with locks.held(place.out / f".{place.work().cell.id}.pipeline.lock"):
        made = place.made("build")
    assert made.code == errors.LOCKED
    assert made.failure is not None
    assert made.failure.told == f"another nodebake is at {made.cell}"


def test_every_look_for_a_layer_is_told(place: Place) -> None:
    first, again = place.made("build"), place.made("build")
    assert [(looked.hit, looked.reason) for looked in first.looks] == [(False, "nothing like it was made before")]
    assert [(looked.hit, looked.reason) for looked in again.looks] == [
        (True, "it is there, and its bytes are what was put there")
    ]
    assert again.looks[0].what.startswith("pinned-")


def test_a_look_makes_nothing(place: Place) -> None:
    assert make.known(place.work(), "build") is None
    assert not (cache.root() / "pinned").exists()
    assert bakes(place) == []
    place.made("build")
    assert make.known(place.work(), "build") == place.made("build")


def test_only_some(place: Place) -> None:
    with pytest.raises(errors.NodebakeError, match=r"no image of this pipeline is called nothing\*"):
        place.made(only=["nothing*"])


def test_faults_that_no_profile_has(place: Place) -> None:
    """Said before anything is begun, and also where another pattern is of some image."""
    for globs in ("['swap.*']", "['*', 'swap.*']"):
        place.write(extra=f"prove: {{faults: {globs}}}\n")
        with pytest.raises(errors.Refused, match=r"no image of this pipeline has a fault that is called 'swap\.\*'"):
            place.made()
        assert not place.out.exists()


def test_on_a_worker_a_pipeline_has_the_faults_of_its_image(place: Place) -> None:
    """All others would match nothing there. None at all would be no proof."""
    place.write(extra="prove: {faults: ['modules.*', 'swap.*']}\n")
    work = place.work()
    assert pipeline._alone(work).pipeline.faults == ("modules.*",)
    other = dataclasses.replace(work, pipeline=dataclasses.replace(work.pipeline, faults=("swap.*",)))
    assert pipeline._alone(other).pipeline.faults == ("swap.*",)


def test_a_key_that_is_not_there(place: Place) -> None:
    place.write(extra="attest: {key: key.pem}\n")
    with pytest.raises(errors.NodebakeError, match=r"key\.pem cannot be read"):
        place.made()
    assert not place.out.exists()


def test_side_by_side(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """Each by a process of its own; for what is known already none is started."""
    place.profiles = ["node.yaml", "other.yaml"]
    place.write()
    (place.root / "other.yaml").write_text(PROFILE.replace("name: node", "name: other") + place.base)
    asked = pipeline.Asked(str(place.file), place.out, until="build", jobs=2)
    ran = pipeline.run(asked)
    assert [one.cell.split("-")[0] for one in ran.outcomes] == ["node", "other"]
    assert (ran.ok, ran.code) == (True, 0), ran
    assert sorted(bakes(place)) == ["node", "other"]
    capfd.readouterr()
    again = pipeline.run(asked)
    assert all(one.unchanged for one in again.outcomes)
    assert ": build (" not in capfd.readouterr().err


def test_a_process_that_tells_nothing(place: Place) -> None:
    from generator.pipeline import child  # noqa: PLC0415

    told = child.answer(place.work(), -9, "")
    assert told.code == -9
    assert told.failure is not None
    assert told.failure.told == f"the process that made {told.cell} ended with -9 and told nothing"


def test_the_stand_in_for_boots_holds_of_nothing_else(place: Place, proven: Callable[..., Work]) -> None:
    """So that these tests can fail: what `mark_tested` writes is of this image and of this profile."""
    proven()
    place.write(OTHER)
    place.made("build")
    other = place.work()
    assert not other.kept.look("verify", {})[0].hit
    mark_tested(other)
    assert status(place.made())["publish"] == "done"
