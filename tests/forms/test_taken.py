"""The verbs that take an image take it in each form: booted, compared, attested."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generator import attest, cli, contents, errors, forms, guest, provenance
from generator import plan as planning
from generator.attest import check
from generator.base import cache
from generator.forms import convert, manifest, reading
from generator.model import Plan
from tests import debian
from tests.conftest import HEAD

NAMES = tuple(forms.known())


@pytest.mark.parametrize("name", NAMES)
def test_qemu_boots_it(name: str, made: dict[str, Path], tmp_path: Path) -> None:
    """From the file itself, through an overlay; what is packed, from its sparse copy."""
    disk = reading.readable(made[name], tmp_path)
    assert (disk.path == made[name]) == (name != "raw.zst")
    machine = guest.Machine(
        disk=guest.overlay(disk.path, tmp_path / "overlay.qcow2", disk.driver), cpus=1, memory_mib=64
    )
    before = cache.digest(made[name])
    guest.boot(machine, tmp_path / "log", until=re.compile("HELLO"), then="quit")
    assert cache.digest(made[name]) == before


@pytest.mark.parametrize("name", NAMES)
def test_compare(name: str, image: Path, made: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["compare", str(image), str(made[name])]) == 0
    assert capsys.readouterr().out == "0 differences, and 0 that are allowed\n"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "qcow2"])
def test_verify_boots_it(
    name: str,
    made: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As far as a disk without a kernel goes: it is read raw and QEMU is started, and only then it is lost."""
    image = Path(shutil.copy(made[name], tmp_path))
    profile = tmp_path / "profile.yaml"
    profile.write_text(HEAD + "swap: disabled\n")
    seen = []
    monkeypatch.setattr(guest, "overlay", lambda image, where, fmt="qcow2", room_mib=0: seen.append(fmt) or _lost())
    code = cli.run(["verify", str(image), "--profile", str(profile)])
    assert (code, seen) == (errors.GUEST, [{"raw.zst": "raw", "vmdk": "vmdk", "vhd": "vpc"}[name]])
    assert "lost, as this test has it" in capsys.readouterr().err


def _lost() -> Path:
    raise errors.GuestError("lost, as this test has it")


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, Plan]:
    (tmp_path / "profile.yaml").write_text(HEAD + "base: debian-13\nmodules: [overlay]\n")
    plan = planning.load(str(tmp_path / "profile.yaml"))
    (tmp_path / "output").mkdir()
    return debian.image(tmp_path / "output", plan), plan


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_an_attestation_names_the_forms(built: tuple[Path, Plan], key: Ed25519PrivateKey) -> None:
    image, plan = built
    made = convert.convert(image, forms.chosen(["raw.zst,vmdk,vhd"]))
    written = attest.attest(attest.Asked(image, plan, key))
    assert written[-1] == image.with_name("node.intoto.jsonl") == attest.beside(made[0].path)
    for path in (image, *(one.path for one in made)):
        held = check.check(check.Asked(path, attest.beside(path), key.public_key()))
        assert held.notes == ()
        assert set(held.subjects) >= {"node.qcow2", "node.raw.zst", "node.vmdk", "node.vhd", "node.raw"}
    with made[2].path.open("r+b") as file:
        file.seek(11 << 20)
        file.write(b"another disk")
    with pytest.raises(errors.CheckFailed, match="the sha256 of the disk in it is"):
        check.check(check.Asked(made[2].path, attest.beside(image), key.public_key()))


def test_a_form_that_is_not_what_the_manifest_says_is_not_attested(
    built: tuple[Path, Plan], key: Ed25519PrivateKey
) -> None:
    image, plan = built
    convert.convert(image, forms.chosen(["vmdk"]))
    image.with_name("node.vmdk").write_bytes(b"another")
    attest.attest(attest.Asked(image, plan, key))
    held = check.check(check.Asked(image, attest.beside(image), key.public_key()))
    assert "node.vmdk" not in held.subjects


@pytest.mark.parametrize("name", [name for name in NAMES if name != "qcow2"])
def test_a_form_is_attested_by_itself(name: str, built: tuple[Path, Plan], key: Ed25519PrivateKey) -> None:
    image, plan = built
    made = convert.convert(image, forms.chosen([name]))[0].path
    attest.attest(attest.Asked(made, plan, key))
    held = check.check(check.Asked(made, attest.beside(made), key.public_key()))
    assert set(held.subjects) == {made.name, "node.raw", "node.cdx.json", "node.spdx.json"}


def test_a_later_form_is_known_by_its_disk(built: tuple[Path, Plan], key: Ed25519PrivateKey) -> None:
    image, plan = built
    attest.attest(attest.Asked(image, plan, key))
    made = convert.convert(image, forms.chosen(["vhd"]))[0].path
    held = check.check(check.Asked(made, attest.beside(made), key.public_key()))
    assert held.notes == ("the file is another one, the disk in it is the one that was attested",)


def test_a_report_of_a_form_names_the_base(built: tuple[Path, Plan]) -> None:
    image, _ = built
    made = convert.convert(image, forms.chosen(["vmdk"]))[0]
    told = provenance.manifest(made.path, made.sha256)
    assert (told["base"], told["file"], told["sha256"]) == ("debian-13", "node.vmdk", made.sha256)
    assert provenance.manifest(made.path, "00" * 32) == {}


@pytest.mark.parametrize(
    "told", [None, [], {"forms": 3}, {"forms": {"vmdk": 3}}, {"forms": {"vmdk": {}}}, {"sha256": "11", "forms": None}]
)
def test_any_manifest(told: object) -> None:
    assert manifest.about(told, "22") == {}


def test_sbom_of_a_form(built: tuple[Path, Plan], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image, _ = built
    made = convert.convert(image, forms.chosen(["raw.zst"]))[0].path
    assert cli.run(["sbom", str(made), "--profile", str(tmp_path / "profile.yaml")]) == 0
    assert [Path(line).name for line in capsys.readouterr().out.split()] == ["node.cdx.json", "node.spdx.json"]
    assert json.loads(made.with_name("node.cdx.json").read_text())["bomFormat"] == "CycloneDX"


def test_files_of_a_form(made: dict[str, Path]) -> None:
    with contents.opened(made["vhd"]) as disk:
        assert "/etc/machine-id" in contents.of(disk)
