"""What may be signed, and what not."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from generator import attest, errors
from generator.model import Plan
from tests.attest.conftest import Attested
from tests.conftest import ROOT


def _refused(asked: attest.Asked) -> str:
    before = sorted(asked.image.parent.iterdir())
    with pytest.raises(errors.NodebakeError) as caught:
        attest.attest(asked)
    assert caught.value.exit_code == errors.REFUSED
    assert sorted(asked.image.parent.iterdir()) == before
    return caught.value.sentence


def _edit(path: Path | None, change: Callable[[dict[str, Any]], object]) -> None:
    assert path is not None
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def test_the_same_image_gives_the_same_bytes(built: attest.Asked) -> None:
    first = {path: path.read_bytes() for path in attest.attest(built)}
    assert {path: path.read_bytes() for path in attest.attest(built)} == first
    assert [path.name for path in first] == ["node.cdx.json", "node.spdx.json", "node.intoto.jsonl"]


def test_without_tests_it_says_so(built: attest.Asked) -> None:
    attest.attest(dataclasses.replace(built, report=None, proof=None))
    assert Attested(built.image, built.plan, built.key).check().tests == ()


def test_a_red_report_is_signed_as_what_it_is(built: attest.Asked) -> None:
    _edit(built.report, lambda told: told.update(ok=False) or told["verdicts"][0].update(status="fail"))
    attest.attest(built)
    attested = Attested(built.image, built.plan, built.key)
    predicate = attested.documents[1]["predicate"]
    assert (predicate["result"], predicate["failedTests"]) == ("FAILED", ["swap.off (boot 1)"])
    assert predicate["passedTests"] == ["swap.off (boot 2)", "hygiene.keys (image)"]
    assert predicate["warnedTests"] == ["probe.x (boot 2)"]
    with pytest.raises(errors.CheckFailed, match=r"verify.json says FAILED: swap.off \(boot 1\)$"):
        attested.check()


PROOFS = [
    (lambda told: told["trials"][0].update(verdict="survived"), "FAILED"),
    (lambda told: told.update(ok=False, unproven=["swap.off"]), "FAILED"),
    (lambda told: told.update(partial=True), "WARNED"),
]


@pytest.mark.parametrize(("change", "result"), PROOFS)
def test_a_proof_that_is_not_whole(
    built: attest.Asked, change: Callable[[dict[str, Any]], object], result: str
) -> None:
    _edit(built.proof, change)
    attest.attest(built)
    predicate = Attested(built.image, built.plan, built.key).documents[2]["predicate"]
    assert predicate["result"] == result


def test_an_image_without_its_manifest(built: attest.Asked) -> None:
    (built.image.parent / "manifest.json").unlink()
    assert _refused(built) == (
        f"no manifest.json beside {built.image} speaks of these bytes, so what it was built from is not known"
    )


def test_another_profile(built: attest.Asked, planned: Callable[[str], Plan]) -> None:
    other = planned("base: debian-13\n")
    said = _refused(dataclasses.replace(built, plan=other))
    assert said == (
        f"{built.image} was built from a profile with sha256 {built.plan.profile.digest}, "
        f"and this one has {other.profile.digest}"
    )


RESULTS = [
    (lambda told: told.clear(), "is no result of nodebake verify or prove: "),
    (lambda told: told.update(image_sha256="00", tested={**told.get("tested", {}), "image_sha256": "00"}), "image"),
    (
        lambda told: told.update(profile_sha256="00", tested={**told.get("tested", {}), "profile_sha256": "00"}),
        "profile",
    ),
]


@pytest.mark.parametrize("which", ["report", "proof"])
@pytest.mark.parametrize(("change", "why"), RESULTS, ids=["empty", "image", "profile"])
def test_a_result_of_something_else(
    built: attest.Asked, which: str, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    path = getattr(built, which)
    _edit(path, change)
    said = _refused(built)
    assert said.startswith(f"{path} {why}") if "result" in why else said == f"{path} is about another {why}"


def test_results_that_are_none(built: attest.Asked, tmp_path: Path) -> None:
    text, many = tmp_path / "text", tmp_path / "many"
    text.write_text("[" * 100_000)
    many.write_text('{"tested": null}')
    none = "is no result of nodebake verify or prove"
    assert _refused(dataclasses.replace(built, report=text)) == f"{text} {none}: this is no JSON"
    assert _refused(dataclasses.replace(built, report=many)) == f"{many} {none}: image_sha256 is missing"
    gone = tmp_path / "gone"
    assert _refused(dataclasses.replace(built, proof=gone)) == f"{gone} cannot be read: No such file or directory"


def test_two_results_of_one_name(built: attest.Asked, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    proof = tmp_path / "other/verify.json"
    assert built.proof is not None
    proof.write_bytes(built.proof.read_bytes())
    assert _refused(dataclasses.replace(built, proof=proof)) == "both results are called 'verify.json'"


def test_an_image_that_changes_meanwhile(built: attest.Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def touch(*_: object) -> dict[str, bytes]:
        os.utime(built.image, (1, 1))
        return {}

    monkeypatch.setattr("generator.sbom.make", touch)
    with pytest.raises(errors.CheckFailed) as caught:
        attest.attest(built)
    assert caught.value.sentence == f"{built.image} was changed while it was read"
    assert not built.image.with_suffix(attest.ENDING).exists()


def _run(*argv: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "generator", *map(str, argv)]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=env)


def test_from_the_command_line(built: attest.Asked, tmp_path: Path) -> None:
    key = built.key
    (tmp_path / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "pub").write_bytes(pem)
    source = built.plan.profile.source
    results = ("--report", tmp_path / "verify.json", "--proof", tmp_path / "prove.json")
    done = _run("attest", built.image, "--profile", source, "--key", tmp_path / "key", *results)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(built.image.with_suffix(attest.ENDING))
    verify = ("verify-attestation", built.image, "--public-key", tmp_path / "pub", "--profile", source)
    done = _run(*verify)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"{built.image} is what was attested"
    assert lines[-2:] == [
        "  tested          PASSED: verify judged 4 checks in 2 boots",
        "  tested          PASSED: prove caught 3 of 3 faults",
    ]
    assert json.loads(_run(*verify, "--format", "json").stdout)["profile"] == "node"
    assert _run(*verify, "--require", "verify", "--require", "prove").returncode == 0
    (tmp_path / "profile.yaml").write_text("name: other\n")
    done = _run(*verify)
    assert done.returncode == 1
    assert "the sha256 of the profile is" in done.stderr


def test_without_the_extra(built: attest.Asked, tmp_path: Path) -> None:
    """What Python finds first is a module that cannot be imported."""
    (tmp_path / "cryptography.py").write_text("raise ImportError('not here')\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from generator import cli; sys.exit(cli.run(sys.argv[1:]))"
    )
    (tmp_path / "pub").write_text("-----BEGIN PUBLIC KEY-----\n")
    argv = [sys.executable, "-c", code, "verify-attestation", built.image, "--public-key", tmp_path / "pub"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env, cwd=ROOT)
    assert done.returncode == errors.TOOL
    assert done.stderr == (
        "nodebake: there is no Python module cryptography\n  install it: pip install 'nodebake[supply]'\n"
    )
