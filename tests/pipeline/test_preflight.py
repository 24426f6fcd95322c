"""What a run would come upon only hours later is told by `check`, and by `run` before it begins, at its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator import cli, errors, pipeline

HEAD = "apiVersion: nodebake/v1\nkind: Pipeline\nname: golden\n"
NODE = "apiVersion: nodebake/v1\nname: node\nmodules: [overlay]\n"
OTHER = "apiVersion: nodebake/v1\nname: other\nsysctl: {net.ipv4.ip_forward: 1}\n"
BOTH = "matrix: {profiles: [node.yaml, other.yaml]}\n"
ONE = "matrix: {profiles: [node.yaml]}\n"
LIST = " (`nodebake explain` tells the faults of each setting)"
BUILT = "(images are built of debian-12, debian-13; take it out, or end before that: --until render)"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    (tmp_path / "node.yaml").write_text(NODE)
    (tmp_path / "other.yaml").write_text(OTHER)

    def made(text: str) -> str:
        path = tmp_path / "pipeline.yaml"
        path.write_text(HEAD + text)
        return str(path)

    return made


def found(source: str, until: str = "publish", only: tuple[str, ...] = (), *, here: bool = True) -> list[str]:
    """Errors, or else warnings of the pipeline itself."""
    try:
        loaded = pipeline.load(source, until, only, here=here)
    except errors.Refused as refused:
        findings = [one for one in refused.findings if one.severity == "error"]
    else:
        findings = [one for one in loaded.warnings if one.file == source]
    return [str(one).replace(f"{Path(source).parent}/", "") for one in findings]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (f"{ONE}prove: {{faults: [modules.*]}}\n", []),
        (f"{BOTH}prove: {{faults: ['*']}}\n", []),
        (f"{BOTH}prove: {{faults: [modules.*, 'sysctl.net.ipv4.ip_forward.*']}}\n", []),
        (
            f"{ONE}prove: {{faults: [nonsense.*]}}\n",
            ["5:18: prove.faults[0]: no image of this pipeline has a fault that is called 'nonsense.*'" + LIST],
        ),
        (
            f"{BOTH}prove: {{faults: ['*', nonsense.*]}}\n",
            ["5:23: prove.faults[1]: no image of this pipeline has a fault that is called 'nonsense.*'" + LIST],
        ),
        (
            f"{BOTH}prove: {{faults: [modules.*]}}\n",
            [
                "5:9: prove.faults: other-debian-13 has no fault that is called so, and would be proven by nothing "
                "(name one of its own, too: `nodebake explain` tells the faults of each setting)"
            ],
        ),
        (
            f"{ONE}attest: {{key: key.pem}}\n",
            [
                "5:10: attest.key: key.pem cannot be read: No such file or directory (name one that is there, or end "
                "before that: --until prove)"
            ],
        ),
        (
            f"{ONE}prove: {{faults: ['*']}}\npublish: {{to: 'foo://x'}}\n",
            [
                "6:11: publish.to: foo://x is no place to write to: Protocol not known: foo (fsspec's documentation "
                "lists its URLs)"
            ],
        ),
        (f"{ONE}prove: {{faults: ['*']}}\npublish: {{to: 'memory://x'}}\n", []),
        (f"{ONE}prove: {{faults: ['*']}}\npublish: {{to: there}}\n", []),
        (
            "matrix: {profiles: [node.yaml, other.yaml], bases: [debian-13, ubuntu-24.04]}\n",
            [
                "4:64: matrix.bases[1]: no image is built of ubuntu-24.04: of it there are facts alone " + BUILT,
            ],
        ),
        (
            "matrix:\n  profiles: [node.yaml]\n  include: [{profile: other.yaml, base: rocky-9}]\n",
            [
                "6:35: matrix.include[0].base: no image is built of rocky-9: of it there are facts alone " + BUILT,
            ],
        ),
    ],
)
def test_found(text: str, findings: list[str], write: Any) -> None:
    assert found(write(text)) == [f"pipeline.yaml:{one}" for one in findings]


def test_a_base_that_a_profile_names_itself(write: Any, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text(f"{NODE}base: ubuntu-24.04\n")
    (told,) = found(write(ONE))
    assert told.startswith("pipeline.yaml:4:21: matrix.profiles[0]: no image is built of ubuntu-24.04: ")


def test_a_name_that_is_near_is_told(write: Any) -> None:
    (told,) = found(write(f"{BOTH}prove: {{faults: ['*', sysctl.net.ipv4.ip_forwrd.*]}}\n"))
    assert "(did you mean sysctl.net.ipv4.ip_forward." in told


def test_what_is_not_come_to_is_not_looked_at(write: Any) -> None:
    """A run that ends before, of other images, or on other machines."""
    ahead = "prove: {faults: [nonsense.*]}\nattest: {key: key.pem}\npublish: {to: 'foo://x'}\n"
    source = write(ONE + ahead)
    assert [len(found(source, until)) for until in ("verify", "prove", "attest", "publish")] == [0, 1, 2, 3]
    assert len(found(source, here=False)) == 2
    source = write("matrix: {profiles: [node.yaml], bases: [debian-13, ubuntu-24.04]}\n")
    assert [len(found(source, until)) for until in ("check", "render", "build")] == [0, 0, 1]
    assert found(source, only=("*-debian-13",)) == []
    source = write(f"{BOTH}prove: {{faults: [modules.*]}}\n")
    assert found(source, only=("node-*",)) == []


def test_a_pattern_may_be_of_an_image_that_is_not_made_now(write: Any) -> None:
    source = write(f"{BOTH}prove: {{faults: [modules.*, 'sysctl.*']}}\n")
    assert found(source, only=("node-*",)) == []


def test_of_a_profile_that_is_refused_no_fault_is_known(write: Any, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(f"{OTHER}modles: []\n")
    told = found(write(f"{BOTH}prove: {{faults: ['sysctl.*']}}\nattest: {{key: key.pem}}\n"))
    assert [one.partition(": ")[0] for one in told] == ["other.yaml:4:1", "pipeline.yaml:6:10"]


def test_what_this_machine_lacks_is_no_fault_of_the_file(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(f"{ONE}prove: {{faults: ['*']}}\npublish: {{to: 's3://bucket/x'}}\n")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (told,) = found(source)
    assert told.startswith("pipeline.yaml:6:11: publish.to: warning: s3://bucket/x needs fsspec, and there is no ")


def test_a_key(write: Any, tmp_path: Path) -> None:
    source = write(f"{ONE}attest: {{key: key.pem}}\n")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "key.pem"], check=True)
    assert found(source) == []
    (tmp_path / "key.pem").write_text("no key")
    assert found(source)[0].startswith("pipeline.yaml:5:10: attest.key: key.pem is no ed25519 key: ")


def test_check_tells_it_and_run_begins_nothing(write: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = write(f"{ONE}prove: {{faults: ['*', nonsense.*]}}\n"), tmp_path / "out"
    for argv in (["check", source], ["run", source, "-o", str(out)]):
        assert cli.run(["pipeline", *argv]) == errors.REFUSED
        assert "pipeline.yaml:5:23: prove.faults[1]: no image of this" in capsys.readouterr().err
    assert not out.exists()
    assert cli.run(["pipeline", "check", source, "--until", "verify"]) == 0
    assert capsys.readouterr().out == f"{source}: fine, 1 images\n"
