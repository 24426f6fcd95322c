"""The command line of a machine, and overlays on images with every kind of name."""

import hashlib
import json
from pathlib import Path

import pytest

from generator import errors, proc
from generator.guest.accel import Accel
from generator.guest.qemu import Machine, Wires, argv, overlay

KVM = Accel("kvm", "host", "")
TCG = Accel("tcg", "some-cpu", "")
WIRES = Wires(Path("/tmp/nb-x"))
AWKWARD = ["a,b", "a:b", "file:x", "json:{}", "a b", "naïve-節", "a'b\"c", "new\nline", "-dash", "a\\b", "a=b;$(c)"]


def words(machine: Machine, accel: Accel = TCG) -> list[str]:
    return argv(machine, WIRES, accel)


def options(machine: Machine, name: str, accel: Accel = TCG) -> list[str]:
    line = words(machine, accel)
    return [line[place + 1] for place, word in enumerate(line) if word == name]


def nodes(machine: Machine) -> dict[str, dict[str, object]]:
    found = [json.loads(text) for text in options(machine, "-blockdev")]
    return {node["node-name"]: node for node in found}


def test_nothing_comes_by_default() -> None:
    line = words(Machine(Path("/d")))
    assert {"-nodefaults", "-no-user-config", "-S"} <= set(line)
    assert not {"-cdrom", "-drive", "-hda", "-netdev", "-nic", "-uuid"} & set(line)


@pytest.mark.parametrize(("accel", "option", "cpu"), [(KVM, "kvm", "host"), (TCG, "tcg,thread=multi", "some-cpu")])
def test_accelerator(accel: Accel, option: str, cpu: str) -> None:
    assert options(Machine(Path("/d")), "-accel", accel) == [option]
    assert options(Machine(Path("/d")), "-cpu", accel) == [cpu]


@pytest.mark.parametrize("name", AWKWARD)
def test_paths_stand_in_json(name: str) -> None:
    machine = Machine(Path("/d", name), seed=Path("/s", name))
    assert nodes(machine)["disk"]["file"]["filename"] == f"/d/{name}"  # type: ignore[index]
    assert nodes(machine)["seed"]["file"]["filename"] == f"/s/{name}"  # type: ignore[index]


@pytest.mark.parametrize("throwaway", [True, False])
def test_only_a_throwaway_disk_is_not_flushed(throwaway: bool) -> None:
    disk = nodes(Machine(Path("/d"), throwaway=throwaway))["disk"]
    assert disk["cache"] == {"direct": False, "no-flush": throwaway}
    assert disk["discard"] == "unmap"


def test_seed_is_a_scsi_cd_that_cannot_be_written() -> None:
    machine = Machine(Path("/d"), seed=Path("/s"))
    assert "scsi-cd,bus=scsi.0,drive=seed" in options(machine, "-device")
    assert nodes(machine)["seed"]["read-only"] is True


def test_the_port_has_the_callers_name() -> None:
    assert any(value.endswith(",name=an,,other") for value in options(Machine(Path("/d"), port="an,other"), "-device"))


@pytest.mark.parametrize(
    ("net", "netdev"),
    [("none", []), ("user", ["user,id=net0"]), ("user-restricted", ["user,id=net0,restrict=on"])],
)
def test_network(net: str, netdev: list[str]) -> None:
    machine = Machine(Path("/d"), net=net, mac="52:54:00:00:00:01")  # type: ignore[arg-type]
    assert options(machine, "-netdev") == netdev
    assert any("mac=52:54:00:00:00:01" in value for value in options(machine, "-device")) == bool(netdev)


def test_a_segment_takes_the_place_of_a_network() -> None:
    machine = Machine(Path("/d"), net="user", segment=Path("/nb-x/a,b"))
    assert options(machine, "-netdev") == ["stream,id=net0,server=off,addr.type=unix,addr.path=/nb-x/a,,b"]


def test_credentials() -> None:
    machine = Machine(Path("/d"), fw_cfg=(("opt/x", Path("/a,b")),), smbios=("io.systemd.credential:x=a,b",))
    assert options(machine, "-fw_cfg") == ["name=opt/x,file=/a,,b"]
    assert options(machine, "-smbios") == ["type=11,value=io.systemd.credential:x=a,,b"]


def test_uefi_has_flash_and_variables_of_its_own() -> None:
    machine = Machine(Path("/d"), firmware="uefi")
    assert options(machine, "-machine") == ["q35,graphics=off,pflash0=code,pflash1=vars"]
    assert nodes(machine)["code"]["read-only"] is True
    assert nodes(machine)["vars"]["file"] == {"driver": "file", "filename": "/tmp/nb-x/nvram"}


@pytest.mark.parametrize("name", AWKWARD)
def test_overlay_on_any_name_leaves_the_image_alone(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    image = folder / name
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", image.absolute(), "1M"])
    before = hashlib.sha256(image.read_bytes()).digest()
    top = overlay(image, folder / f"{name}.top")
    said = json.loads(proc.run(["qemu-img", "info", "--output=json", top.absolute()]))
    assert said["full-backing-filename"] == str(image)
    assert said["backing-filename-format"] == "qcow2"
    assert hashlib.sha256(image.read_bytes()).digest() == before


def test_overlay_takes_the_format_it_is_told(tmp_path: Path) -> None:
    image = tmp_path / "raw"
    image.write_bytes(b"QFI\xfb\0\0\0\3".ljust(1 << 20, b"\0"))  # poses as qcow2
    top = overlay(image, tmp_path / "top", "raw")
    said = json.loads(proc.run(["qemu-img", "info", "--output=json", top]))
    assert said["backing-filename-format"] == "raw"


def test_overlay_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(errors.ToolError, match="missing"):
        overlay(tmp_path / "missing", tmp_path / "top")
