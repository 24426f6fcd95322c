"""Files that are no image by themselves, or not as nodebake writes them, are refused before anything opens them."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from generator import errors, proc
from generator.forms import look, reading, zstd

MIB = 1 << 20


def _patched(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at, 2 if at < 0 else 0)
        file.write(content)


def _descriptor(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        head = path.read_bytes()[512 : 512 * 21]
        assert old in head
        _patched(path, 512, head.replace(old, new)[: len(head)])

    return change


def _flag(at: int, form: str, value: int) -> Callable[[Path], None]:
    return lambda path: _patched(path, at, struct.pack(form, value))


def _footer(change: Callable[[bytearray], None]) -> Callable[[Path], None]:
    def patch(path: Path) -> None:
        footer = bytearray(path.read_bytes()[-512:])
        change(footer)
        struct.pack_into(">I", footer, 64, look.vhd_sum(bytes(footer)))
        _patched(path, -512, bytes(footer))

    return patch


def _cut(bytes_left: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, bytes_left)


VMDK = [
    (_cut(60), "its VMDK header is cut short"),
    (_cut(560), "it is a VMDK whose descriptor is not in it"),
    (_flag(12, "<Q", 0), "it is a VMDK whose descriptor is not in it"),  # no capacity: of other files
    (_flag(28, "<Q", 40), "it is a VMDK whose descriptor is not in it"),  # elsewhere than QEMU looks for a parent
    (_descriptor(b"parentCID=ffffffff", b"parentCID=12345678"), "it is a VMDK with a parent"),
    (_descriptor(b"#DDB\n", b'parentFileNameHint="/etc/passwd"\n'), "it is a VMDK with a parent"),
    (_descriptor(b"streamOptimized", b"monolithicFlat\n#"), "it is a VMDK of the kind 'monolithicFlat"),
    (_descriptor(b"createType", b"#reateType"), "it is a VMDK whose descriptor is not in it"),
    (_descriptor(b"SPARSE", b"FLAT  "), "it is a VMDK that keeps its data in another file"),
    (_descriptor(b"#DDB\n", b'RW 9 FLAT "/etc/passwd" 0\n'), "it is a VMDK that keeps its data in another file"),
]
VHD = [
    (lambda path: _patched(path, -100, b"x"), "the checksum of its VHD footer is wrong"),
    (_footer(lambda footer: struct.pack_into(">I", footer, 60, 3)), "it is a VHD of the kind dynamic"),
    (_footer(lambda footer: struct.pack_into(">I", footer, 60, 4)), "it is a VHD of the kind differencing"),
    (
        _footer(lambda footer: struct.pack_into(">Q", footer, 48, 13 * MIB)),
        "says 13631488 bytes, and there are 12582912",
    ),
]
ZST = [
    (_cut(100), "it is no whole frame of zstd"),
    (_cut(5), "it is no whole frame of zstd"),
    (lambda path: path.write_bytes(path.read_bytes()[:-2]), "it is no whole frame of zstd"),
    (lambda path: path.write_bytes(path.read_bytes() * 2), "it is packed by zstd, and something follows the disk"),
    (lambda path: path.write_bytes(path.read_bytes() + b"x"), "it is packed by zstd, and something follows the disk"),
]


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [*(("vmdk", *row) for row in VMDK), *(("vhd", *row) for row in VHD), *(("raw.zst", *row) for row in ZST)],
)
def test_refused(name: str, change: Callable[[Path], None], why: str, made: dict[str, Path], tmp_path: Path) -> None:
    image = Path(shutil.copy(made[name], tmp_path))
    change(image)
    for read in (
        look.golden,
        lambda path: reading.raw(path, tmp_path / "raw"),
        lambda path: reading.readable(path, tmp_path),
    ):
        with pytest.raises(errors.NodebakeError) as caught:
            read(image)
        assert caught.value.exit_code == errors.REFUSED
        assert caught.value.sentence.startswith(f"refused the image {image}: ")
        assert why in caught.value.sentence
    assert [path.name for path in tmp_path.iterdir()] == [image.name]


def test_a_dynamic_vhd_of_qemu_img(image: Path, tmp_path: Path) -> None:
    proc.run(["qemu-img", "convert", "-f", "qcow2", "-O", "vpc", image, tmp_path / "x.vhd"])
    with pytest.raises(errors.NodebakeError, match="it is a VHD of the kind dynamic, and only fixed is read"):
        look.golden(tmp_path / "x.vhd")


def test_its_end_is_lost(image: Path, tmp_path: Path) -> None:
    proc.run(["qemu-img", "convert", "-f", "qcow2", "-O", "vpc", image, tmp_path / "x.vhd"])
    os.truncate(tmp_path / "x.vhd", 4096)
    with pytest.raises(errors.NodebakeError, match="it is a VHD without a footer"):
        look.golden(tmp_path / "x.vhd")


def test_a_vmdk_of_another_kind(image: Path, tmp_path: Path) -> None:
    proc.run(["qemu-img", "convert", "-f", "qcow2", "-O", "vmdk", image, tmp_path / "x.vmdk"])
    with pytest.raises(errors.NodebakeError, match="'monolithicSparse', and only streamOptimized is read"):
        look.golden(tmp_path / "x.vmdk")


def _packed(path: Path, content: bytes, *words: str) -> Path:
    subprocess.run(["zstd", "-q", *words, "-o", path], input=content, check=True)
    return path


def test_packed_without_its_size(tmp_path: Path) -> None:
    image = _packed(tmp_path / "x.raw.zst", bytes(MIB), "--no-content-size")
    with pytest.raises(errors.NodebakeError, match="does not say how large it is unpacked"):
        look.golden(image)


@pytest.mark.parametrize("content", [b"", b"text\n" * 300, b"QFI\xfb" + bytes(4096)])
def test_what_is_packed_is_no_disk(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(content)
    subprocess.run(["zstd", "-q", tmp_path / "content", "-o", tmp_path / "x.raw.zst"], check=True)
    with pytest.raises(errors.NodebakeError, match=r"refused the image .*x\.raw\.zst: "):
        reading.readable(tmp_path / "x.raw.zst", tmp_path)


def test_more_than_a_disk_may_have(tmp_path: Path) -> None:
    """A few kilobytes that say they are 65 GiB: they are not unpacked."""
    head = zstd.MAGIC + bytes([0xE0]) + (65 << 30).to_bytes(8, "little") + bytes([1, 0, 0])
    (tmp_path / "x.raw.zst").write_bytes(head)
    with pytest.raises(errors.NodebakeError, match="its disk has 65 GiB, more than 64"):
        look.golden(tmp_path / "x.raw.zst")


def test_no_room_to_unpack(made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=5 * MIB))
    with pytest.raises(errors.ToolError) as caught:
        reading.readable(made["raw.zst"], tmp_path)
    assert caught.value.sentence == f"{tmp_path} has 5 MiB free, and the image has 12 unpacked"
    assert caught.value.hint == "make room there, or set TMPDIR to a roomier folder"
    assert list(tmp_path.iterdir()) == []


def test_unpacked_it_has_holes(made: dict[str, Path], tmp_path: Path) -> None:
    found = reading.readable(made["raw.zst"], tmp_path)
    assert found.path.stat().st_size == 12 * MIB
    assert found.path.stat().st_blocks * 512 < 6 * MIB


@hypothesis.given(
    content=strategies.binary(max_size=2000), level=strategies.integers(1, 19), sums=strategies.booleans()
)
@hypothesis.settings(max_examples=60)
def test_the_size_is_what_zstd_unpacks(
    content: bytes, level: int, sums: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Frames of every kind of block and of size: read off as zstd itself wrote them."""
    folder = tmp_path_factory.mktemp("zstd")
    (folder / "x").write_bytes(content * 100)
    check = "--check" if sums else "--no-check"
    subprocess.run(["zstd", "-q", f"-{level}", check, folder / "x", "-o", folder / "x.zst"], check=True)
    assert zstd.unpacked(folder / "x.zst") == len(content) * 100


@hypothesis.given(head=strategies.binary(max_size=64))
def test_any_bytes_have_a_sentence(head: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bytes") / "x"
    path.write_bytes(zstd.MAGIC + head)
    try:
        zstd.unpacked(path)
    except errors.NodebakeError as error:
        assert error.exit_code == errors.REFUSED
