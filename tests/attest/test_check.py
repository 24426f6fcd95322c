"""Whatever is attested, changed: in what was signed (by the very key) and in the world. Each has its sentence."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generator import errors
from generator.attest import check
from tests.attest.conftest import Attested, Documents

ZERO = "00" * 32
HEX = "[0-9a-f]{64}"


def test_all_of_it_holds(attested: Attested) -> None:
    held = attested.check(profile_sha256=attested.plan.profile.digest, lock_sha256="10" * 32)
    assert (held.tool, held.profile, held.base_sha256) == ("nodebake 0.1.0", "node", "ba" * 32)
    assert held.base == "urn:nodebake:base:debian-13"
    assert set(held.subjects) == {"node.qcow2", "node.raw", "node.cdx.json", "node.spdx.json"}
    assert [(test["verb"], test["result"]) for test in held.tests] == [("verify", "PASSED"), ("prove", "PASSED")]
    assert (held.tests[0]["checks"], held.tests[0]["boots"]) == (4, 2)
    assert (held.tests[1]["killed"], held.tests[1]["faults"]) == (3, 3)
    assert held.notes == ()


def _why(attested: Attested, **more: Any) -> list[str]:
    with pytest.raises(errors.CheckFailed) as caught:
        attested.check(**more)
    assert caught.value.exit_code == errors.CHECK_FAILED
    said, *why = caught.value.sentence.split("\n    ")
    assert said == f"{attested.image} is not what was attested"
    return why


def _digest(name: str, value: str, algorithm: str = "sha256") -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        for document in documents:
            for row in document["subject"]:
                if row["name"] == name:
                    row["digest"][algorithm] = value

    return change


def _built(documents: Documents) -> dict:
    return documents[0]["predicate"]["buildDefinition"]


def _profile(documents: Documents) -> None:
    _built(documents)["externalParameters"]["profile"]["digest"]["sha256"] = ZERO


def _lock(documents: Documents) -> None:
    _built(documents)["resolvedDependencies"][1]["digest"]["sha256"] = ZERO


def _no_lock(documents: Documents) -> None:
    del _built(documents)["resolvedDependencies"][1]


def _byproduct(number: int) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        documents[0]["predicate"]["runDetails"]["byproducts"][number]["digest"]["sha256"] = ZERO

    return change


def _red(documents: Documents) -> None:
    documents[1]["predicate"] |= {"result": "FAILED", "failedTests": ["swap.off (boot 1)"]}


def _drop(number: int) -> Callable[[Documents], None]:
    return lambda documents: documents.pop(number) and None


def _other_subject(documents: Documents) -> None:
    documents[2]["subject"][0]["digest"]["sha256"] = ZERO


def _no_image(documents: Documents) -> None:
    for document in documents:
        document["subject"] = document["subject"][2:]


SIGNED = [
    (_digest("node.qcow2", ZERO, "sha512"), [f"the sha512 of the file is [0-9a-f]{{128}}, attested was {ZERO}"]),
    (_digest("node.raw", ZERO), [f"the sha256 of the disk in it is {HEX}, attested was {ZERO}"]),
    (_digest("node.cdx.json", ZERO), [f"the sha256 of node.cdx.json is {HEX}, attested was {ZERO}"]),
    (_digest("node.spdx.json", ZERO), [f"the sha256 of node.spdx.json is {HEX}, attested was {ZERO}"]),
    (_profile, [f"the sha256 of the profile is {HEX}, attested was {ZERO}"]),
    (_lock, [f"the sha256 of the lock is {'10' * 32}, attested was {ZERO}"]),
    (_no_lock, [f"the sha256 of the lock is {'10' * 32}, attested was none"]),
    (_byproduct(0), [f"the sha256 of the list of its packages is {HEX}, attested was {ZERO}"]),
    (_byproduct(1), ["the result 'verify.json' does not belong to it"]),
    (_byproduct(2), ["the result 'prove.json' does not belong to it"]),
    (_red, [r"verify.json says FAILED: swap.off \(boot 1\)"]),
    (_drop(2), ["the result 'prove.json' was attested with it, and is not there"]),
    (_other_subject, ["line 3 is about other things than the first"]),
    (_no_image, ["nothing is attested of the image"]),
]


@pytest.mark.parametrize(("change", "why"), SIGNED)
def test_what_was_signed_of_something_else(
    attested: Attested, change: Callable[[Documents], None], why: list[str]
) -> None:
    documents = attested.documents
    change(documents)
    attested.sign(documents)
    found = _why(attested, profile_sha256=attested.plan.profile.digest, lock_sha256="10" * 32)
    assert len(found) == len(why)
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(why, found, strict=True)), found


def _figures(number: int, **figures: object) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        rows = documents[number]["predicate"]["configuration"]
        next(row for row in rows if "annotations" in row)["annotations"] |= figures

    return change


def _says(number: int, result: str) -> Callable[[Documents], None]:
    return lambda documents: documents[number]["predicate"].update(result=result)


def _untested(documents: Documents) -> None:
    del documents[1:], documents[0]["predicate"]["runDetails"]["byproducts"][1:]


BOTH = ("verify", "prove")
WANTS = "and --require {0} wants one that has PASSED"
REQUIRED = [
    (_untested, [f"no result of {verb} was attested, {WANTS.format(verb)}" for verb in BOTH]),
    (_says(2, "WARNED"), [f"prove says 'WARNED', {WANTS.format('prove')}"]),
    (_says(1, "WARNED"), [f"verify says 'WARNED', {WANTS.format('verify')}"]),
    (_figures(1, verb="prove"), [f"no result of verify was attested, {WANTS.format('verify')}"]),
    (_figures(2, verb=["prove"]), [f"no result of prove was attested, {WANTS.format('prove')}"]),
    *(
        (
            _figures(2, killed=killed, faults=faults),
            [f"prove caught {said}, and --require prove wants all, of at least one"],
        )
        for killed, faults, said in [
            (2, 3, "2 of 3 faults"),
            (0, 0, "0 of 0 faults"),
            (True, True, "true of true faults"),
            ("3", "3", "'3' of '3' faults"),
        ]
    ),
]


@pytest.mark.parametrize(("change", "why"), REQUIRED)
def test_results_that_are_wanted(attested: Attested, change: Callable[[Documents], None], why: list[str]) -> None:
    documents = attested.documents
    change(documents)
    attested.sign(documents)
    assert _why(attested, required=BOTH) == why


def test_results_that_are_wanted_and_there(attested: Attested) -> None:
    assert attested.check(required=BOTH).notes == ()
    documents = attested.documents
    _untested(documents)
    attested.sign(documents)
    assert attested.check().tests == ()


def test_everything_that_is_wrong_is_told(attested: Attested) -> None:
    documents = attested.documents
    _profile(documents)
    _byproduct(0)(documents)
    _drop(1)(documents)
    attested.sign(documents)
    assert len(_why(attested, profile_sha256=attested.plan.profile.digest)) == 3


def _flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def test_a_changed_disk(attested: Attested) -> None:
    """One bit, in the root file system's spare boot block: it is still a sound disk."""
    raw = attested.image.with_suffix(".changed")
    subprocess.run(["qemu-img", "convert", "-O", "raw", attested.image, raw], check=True)
    _flip(raw, (1 << 20) + 512)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, attested.image], check=True)
    raw.unlink()
    why = _why(attested)
    assert [line.partition(" is ")[0] for line in why] == [
        "the sha256 of the disk in it",
        "the sha256 of the file",
        "the sha512 of the file",
    ]


def test_the_same_disk_packed_anew_is_told_and_holds(attested: Attested) -> None:
    packed = attested.image.with_suffix(".new")
    subprocess.run(["qemu-img", "convert", "-c", "-O", "qcow2", attested.image, packed], check=True)
    packed.replace(attested.image)
    assert attested.check().notes == ("the file is another one, the disk in it is the one that was attested",)


def test_an_image_that_names_another_file_is_refused(attested: Attested) -> None:
    """Its content would be read from there, and may be another when it boots."""
    other = attested.image.with_suffix(".other")
    shutil.move(attested.image, other)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", other, attested.image], check=True)
    with pytest.raises(errors.NodebakeError, match=r"^refused the image .*: it has a backing file$") as caught:
        attested.check()
    assert caught.value.exit_code == errors.REFUSED


def test_an_sbom_that_was_changed_or_is_not_there(attested: Attested) -> None:
    attested.image.with_suffix(".spdx.json").unlink()
    assert attested.check().notes == ("node.spdx.json: not beside the attestation, so it was not looked at",)
    _flip(attested.image.with_suffix(".cdx.json"), 30)
    assert _why(attested)[0].startswith("the sha256 of node.cdx.json is ")


def test_another_key(attested: Attested) -> None:
    asked = check.Asked(attested.image, attested.file, Ed25519PrivateKey.generate().public_key())
    with pytest.raises(errors.CheckFailed, match=r": line 1 was not signed by sha256:[0-9a-f]{64}, or was changed"):
        check.check(asked)


def test_a_profile_or_a_lock_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.NodebakeError, match=r"cannot be read: No such file or directory$"):
        check.digest(tmp_path / "none.lock")
