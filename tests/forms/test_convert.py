"""Small disks in every form: the same disk, the same bytes each time, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

from generator import cli, errors, forms, proc
from generator.base import cache
from generator.forms import convert, look, reading, stamp
from tests.forms.conftest import disk

MIB = 1 << 20
NAMES = tuple(forms.known())


def _raw(image: Path, folder: Path) -> bytes:
    where = folder / f"{image.name}.copy"
    reading.raw(image, where)
    return where.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_the_same_disk(name: str, image: Path, made: dict[str, Path], tmp_path: Path) -> None:
    assert _raw(made[name], tmp_path) == _raw(image, tmp_path)
    assert look.golden(made[name]).name == name


def test_the_same_image_gives_the_same_bytes(
    image: Path, made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """qemu-img itself writes another CID, UUID and time each time."""
    again = {one.form.name: one.path for one in convert.convert(image, list(forms.known().values()), tmp_path)}
    assert {name: cache.digest(path) for name, path in again.items()} == {
        name: cache.digest(path) for name, path in made.items()
    }
    for name in ("vmdk", "vhd"):
        written = forms.known()[name].written
        proc.run(["qemu-img", "convert", "-f", "qcow2", *written, image, tmp_path / f"plain.{name}"])
        assert (tmp_path / f"plain.{name}").read_bytes() != made[name].read_bytes()


@pytest.mark.parametrize("cid", ["0", "abc", "1234567", "12345678"])
def test_a_cid_of_any_length_and_what_it_left(cid: str, made: dict[str, Path], tmp_path: Path) -> None:
    """qemu-img writes 7 digits once in 16 times, over a text with 8, whose last byte then stays behind the end."""
    path = Path(shutil.copy(made["vmdk"], tmp_path))
    whole = path.read_bytes()
    text = whole[512 : 512 * 21].partition(b"\0")[0]
    shorter = re.sub(rb"^CID=[0-9a-f]+\n", f"CID={cid}\n".encode(), text, flags=re.M)
    with path.open("r+b") as file:
        file.seek(512)
        file.write(text)
        file.seek(512)
        file.write(shorter + b"\0")
    before = path.read_bytes()
    stamp.stamped("vmdk", path, "an image")
    once = path.read_bytes()
    path.write_bytes(whole)
    stamp.stamped("vmdk", path, "an image")
    assert once == path.read_bytes() != before
    assert look.golden(path).name == "vmdk"


def test_another_image_has_other_identifiers(made: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = disk(tmp_path / "other", MIB)
    found = {one.form.name: one.path for one in convert.convert(other, forms.chosen(["vmdk,vhd"]))}
    assert _cid(found["vmdk"]) != _cid(made["vmdk"])
    assert _footer(found["vhd"])[68:84] != _footer(made["vhd"])[68:84]


def _cid(vmdk: Path) -> int:
    info = json.loads(proc.run(["qemu-img", "info", "--output=json", "-f", "vmdk", vmdk]))
    return int(info["format-specific"]["data"]["cid"])


def _footer(vhd: Path) -> bytes:
    return vhd.read_bytes()[-512:]


def test_vmdk(made: dict[str, Path]) -> None:
    text = made["vmdk"].read_bytes()[512:2048].partition(b"\0")[0].decode()
    assert 'createType="streamOptimized"' in text
    assert 'SPARSE "node.vmdk"' in text  # the name that it has at its place, not the one of a file being made
    assert 'ddb.adapterType = "lsilogic"' in text


def test_vhd(made: dict[str, Path]) -> None:
    footer = _footer(made["vhd"])
    size, kind, summed = struct.unpack_from(">Q", footer, 48)[0], struct.unpack_from(">I", footer, 60)[0], footer[64:68]
    assert (footer[:8], kind, footer[28:32]) == (b"conectix", 2, b"qem2")
    assert size == made["vhd"].stat().st_size - 512 == 12 * MIB
    assert footer[24:28] == bytes(4)  # the time: none
    assert summed == (~(sum(footer) - sum(summed)) & 0xFFFFFFFF).to_bytes(4, "big")


@pytest.mark.parametrize(("more", "mib"), [(0, 12), (512, 13), (MIB - 512, 13), (MIB, 13)])
def test_azure_takes_whole_mebibytes(more: int, mib: int, tmp_path: Path) -> None:
    found = convert.convert(disk(tmp_path, more), forms.chosen(["vhd"]))
    assert found[0].path.stat().st_size == mib * MIB + 512
    raw = _raw(found[0].path, tmp_path)
    assert raw[: (12 * MIB) + more] == _raw(tmp_path / "node.qcow2", tmp_path)
    assert not any(raw[(12 * MIB) + more :])


def test_what_is_packed_says_how_large_it_is(made: dict[str, Path]) -> None:
    told = subprocess.run(["zstd", "-lv", made["raw.zst"]], capture_output=True, text=True, check=True).stdout
    assert f"({12 * MIB} B)" in told


def test_files_are_for_everybody_to_read_and_nothing_else_is_left(made: dict[str, Path]) -> None:
    assert {path.stat().st_mode & 0o777 for path in made.values()} == {0o644}
    folder = made["vhd"].parent
    assert sorted(path.name for path in folder.iterdir()) == ["node.qcow2", "node.raw.zst", "node.vhd", "node.vmdk"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "qcow2"])
def test_there_and_back(name: str, image: Path, made: dict[str, Path], tmp_path: Path) -> None:
    """Each is taken as an image that is converted, too."""
    source = tmp_path / made[name].name
    shutil.copy(made[name], source)
    back = convert.convert(source, forms.chosen(["qcow2"]))
    assert back[0].path == tmp_path / "node.qcow2"
    assert _raw(back[0].path, tmp_path) == _raw(image, tmp_path)


def _run(*words: object) -> int:
    return cli.run(["convert", *map(str, words)])


def test_command(image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(image, "--to", "vmdk,vhd", "-o", tmp_path / "new") == 0
    assert capsys.readouterr().out.split() == [f"{tmp_path}/new/node.vmdk", f"{tmp_path}/new/node.vhd"]


def _refused(capsys: pytest.CaptureFixture[str]) -> str:
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_refused(image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = shutil.copy(image, tmp_path / "node.qcow2")
    (tmp_path / "file").touch()
    for words, sentence in (
        ([tmp_path / "none", "--to", "vhd"], "none is not a file"),
        ([own, "--to", "vdi"], "there is no format 'vdi'"),
        ([own, "--to", "qcow2"], "node.qcow2 is the image itself"),
        ([own, "--to", "vhd", "-o", tmp_path / "file"], "file is a file, and images go into a folder"),
        ([tmp_path / "file", "--to", "vhd"], "it is neither qcow2 nor a raw disk with a boot record"),
    ):
        assert _run(*words) == errors.REFUSED
        assert sentence in _refused(capsys)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "node.qcow2"]


def test_the_image_that_was_built_is_never_replaced(
    made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shutil.copy(made["vmdk"], tmp_path / "node.vmdk")
    (tmp_path / "manifest.json").write_text(json.dumps({"image": {"file": "node.qcow2", "sha256": "00"}}))
    assert _run(source, "--to", "qcow2") == errors.REFUSED
    assert "is the image that was built, and its manifest speaks of it" in _refused(capsys)


def _built(image: Path, folder: Path) -> Path:
    own = Path(shutil.copy(image, folder / "node.qcow2"))
    told = {"image": {"file": own.name, "sha256": cache.digest(own), "base": "debian-13"}, "tool": "nodebake"}
    (folder / "manifest.json").write_text(json.dumps(told))
    return own


def test_the_manifest_names_the_forms_beside_it(image: Path, tmp_path: Path) -> None:
    own = _built(image, tmp_path)
    assert _run(own, "--to", "vmdk") == 0
    assert _run(own, "--to", "vhd", "-o", tmp_path / "elsewhere") == 0
    assert _run(tmp_path / "node.vmdk", "--to", "raw.zst") == 0
    told = json.loads((tmp_path / "manifest.json").read_text())
    assert told["tool"] == "nodebake"
    assert told["image"]["sha256"] == cache.digest(own)
    assert told["image"]["forms"] == {
        name: {"file": f"node.{name}", "sha256": cache.digest(tmp_path / f"node.{name}")}
        for name in ("vmdk", "raw.zst")
    }


def test_a_manifest_of_another_image_stays_as_it_is(image: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(image, tmp_path / "node.qcow2"))
    text = json.dumps({"image": {"file": "other.qcow2", "sha256": "00"}})
    (tmp_path / "manifest.json").write_text(text)
    assert _run(own, "--to", "vmdk") == 0
    assert (tmp_path / "manifest.json").read_text() == text


def test_no_room(image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=MIB))
    with pytest.raises(errors.ToolError) as caught:
        convert.convert(image, forms.chosen(["raw.zst"]), tmp_path)
    assert "MiB free and an image needs" in caught.value.sentence
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_until_the_new_one_is_whole(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A qemu-img that writes another disk, by a script in its place: nothing is put anywhere."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/node.vhd").write_text("old")
    shim = tmp_path / "bin/qemu-img"
    shim.parent.mkdir()
    real = shutil.which("qemu-img")
    shim.write_text(
        f'#!/bin/sh\n{real} "$@" || exit\n[ "$1" != convert ] || for last; do :; done\n'
        '[ "$1" != convert ] || printf x | dd of="$last" bs=1 seek=2097152 conv=notrunc 2>/dev/null\n'
    )
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
    with pytest.raises(errors.ToolError) as caught:
        convert.convert(image, forms.chosen(["vhd"]), tmp_path / "out")
    assert "qemu-img compare" in caught.value.sentence
    assert [(path.name, path.read_text()) for path in (tmp_path / "out").iterdir()] == [("node.vhd", "old")]


def test_time_does_not_come_into_it(image: Path, tmp_path: Path) -> None:
    """A VHD counts in seconds."""
    one = convert.convert(image, forms.chosen(["vhd"]), tmp_path / "one")
    time.sleep(1.0)
    two = convert.convert(image, forms.chosen(["vhd"]), tmp_path / "two")
    assert one[0].sha256 == two[0].sha256
