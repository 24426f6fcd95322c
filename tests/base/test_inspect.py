"""Images that could reach beyond their own bytes are refused before anything opens them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import errors, proc
from generator.base import inspect


def _create(path: Path, *words: str, size: str = "8M") -> None:
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", *words, path, size])


def _patch(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def _backed(path: Path) -> None:
    (path.parent / "below").write_bytes(b"\0" * (8 << 20))
    _create(path, "-b", str(path.parent / "below"), "-F", "raw")


def _backed_by_passwd(path: Path) -> None:
    _create(path, "-u", "-b", "/etc/passwd", "-F", "raw")


def _backed_in_json(path: Path) -> None:
    _create(path, "-u", "-b", 'json:{"driver":"raw","file":{"driver":"file","filename":"/etc/passwd"}}', "-F", "raw")


def _data_file(path: Path) -> None:
    _create(path, "-o", f"data_file={path.parent / 'data'}")


def _feature(bit: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        _create(path)
        _patch(path, 72, struct.pack(">Q", 1 << bit))

    return make


def _version(path: Path) -> None:
    _create(path)
    _patch(path, 4, struct.pack(">I", 9))


def _encrypted(path: Path) -> None:
    _create(path)
    _patch(path, 32, struct.pack(">I", 1))


def _huge(path: Path) -> None:
    _create(path, size="65G")


def _starts(head: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(head.ljust(1024, b"\0")) and None


def _short(path: Path) -> None:
    path.write_bytes(b"QFI\xfb\0\0\0\3")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_backed, "it has a backing file"),
        (_backed_by_passwd, "it has a backing file"),
        (_backed_in_json, "it has a backing file"),
        (_data_file, "it keeps its data in another file"),
        (_feature(1), "it is marked as corrupt"),
        (_feature(2), "it keeps its data in another file"),
        (_feature(63), r"it needs a feature that is not known here \(bit 63\)"),
        (_version, "qcow2 version 9 is unknown"),
        (_encrypted, "it is encrypted"),
        (_huge, "its disk has 65 GiB, more than 64"),
        (_short, "its qcow2 header is cut short"),
        (_starts(b"KDMV"), "it is VMDK, and only qcow2 and raw disks are accepted"),
        (_starts(b"# Disk DescriptorFile"), "it is VMDK, and only qcow2 and raw disks are accepted"),
        (_starts(b"vhdxfile"), "it is VHDX, and only qcow2 and raw disks are accepted"),
        (_starts(b"\xfd7zXZ"), "it is xz, and only qcow2 and raw disks are accepted"),
        (_starts(b"\x1f\x8b"), "it is gzip, and only qcow2 and raw disks are accepted"),
        (_starts(b"<html>"), "it is neither qcow2 nor a raw disk with a boot record"),
        (_starts(b""), "it is neither qcow2 nor a raw disk with a boot record"),
    ],
)
def test_refused(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    make(tmp_path / "image")
    with pytest.raises(errors.NodebakeError, match=f"^refused the image NAME: {why}$") as caught:
        inspect.check(tmp_path / "image", "NAME")
    assert caught.value.exit_code == errors.REFUSED


@pytest.mark.parametrize(
    "words", [(), ("-o", "compat=0.10"), ("-o", "extended_l2=on"), ("-o", "compression_type=zstd")]
)
def test_accepted(tmp_path: Path, words: tuple[str, ...]) -> None:
    image = tmp_path / "with, comma:and colon"
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", *words, f"file:{image}", "8M"])
    assert inspect.check(image, "NAME") == "qcow2"


def test_raw_is_never_probed_for_more(tmp_path: Path) -> None:
    image = tmp_path / "raw"
    image.write_bytes(b"\0" * 510 + b"\x55\xaa" + b"QFI\xfb" * 128)
    assert inspect.check(image, "NAME") == "raw"
