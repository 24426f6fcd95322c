"""The scanner finds what is there: in each spelling, wherever a piece ends, and on a disk from which it was deleted."""

from __future__ import annotations

import base64
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import offline, proc
from generator.model import Edit
from tests import images
from tests.canaries import scan
from tests.canaries.scan import Hit, Scanner
from tests.canaries.spellings import needles

SECRET = b"nbcanary/3f9c0d7a+x@y"
WRITTEN = {
    "as it is": SECRET,
    "in UTF-16 LE": SECRET.decode().encode("utf-16-le"),
    "in UTF-16 BE": SECRET.decode().encode("utf-16-be"),
    "in base64 (0)": base64.b64encode(SECRET + b"and more"),
    "in base64 (1)": base64.b64encode(b"u:p:" + SECRET + b"!"),
    "in base64 (2)": base64.b64encode(b"Basic" + SECRET),
    "percent-encoded": urllib.parse.quote(SECRET, safe="").encode(),
}


def _found(data: bytes, cut: int = 1 << 20) -> set[str]:
    pieces = ((at, data[at : at + cut]) for at in range(0, len(data), cut))
    return {hit.what for hit in Scanner(needles({"s": SECRET})).scan(pieces)}


@pytest.mark.parametrize("how", WRITTEN)
def test_each_spelling(how: str) -> None:
    assert _found(b"x" * 7 + WRITTEN[how] + b"z" * 9) == {f"s, {how}"}


def test_nothing_else() -> None:
    assert _found(bytes(range(256)) * 64 + SECRET[:-1] + b"?" + SECRET[1:]) == set()


@given(
    secrets=st.lists(st.binary(min_size=8, max_size=40), min_size=1, max_size=5, unique=True),
    around=st.lists(st.binary(max_size=50), min_size=6, max_size=6),
    cut=st.integers(1, 64),
)
def test_across_the_ends_of_pieces(secrets: list[bytes], around: list[bytes], cut: int) -> None:
    """Each occurrence once, as the plainest search there is finds them."""
    data = b"".join(_one_after_the_other(around, secrets))
    wanted = sorted(
        Hit(str(number), at)
        for number, secret in enumerate(secrets)
        for at in range(len(data))
        if data.startswith(secret, at)
    )
    scanner = Scanner({secret: str(number) for number, secret in enumerate(secrets)})
    assert sorted(scanner.scan((at, data[at : at + cut]) for at in range(0, len(data), cut))) == wanted


def _one_after_the_other(around: list[bytes], secrets: list[bytes]) -> list[bytes]:
    """One after the other, the rest behind."""
    pairs = [piece for pair in zip(around, secrets, strict=False) for piece in pair]
    return [*pairs, *around[len(secrets) :]]


def test_pieces_that_do_not_adjoin() -> None:
    halves = ((0, b"x" + SECRET[:9]), (4096, SECRET[9:]))
    assert list(Scanner(needles({"s": SECRET})).scan(halves)) == []


def test_what_was_deleted_is_found(tmp_path: Path) -> None:
    """As on every ext4: why an image's free space is wiped. And in a compressed image, whose own bytes show nothing."""
    disk = images.disk(tmp_path, {**images.CLEAN, "root/token": "x" * 5000 + SECRET.decode()})
    proc.run(["debugfs", "-w", "-R", "rm /root/token", f"{disk.path}?offset={disk.offset}"])
    assert offline.kind(disk, "/root/token") == ("", "")
    image = tmp_path / "image.qcow2"
    proc.run(["qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", disk.path, image])
    scanner = Scanner(needles({"s": SECRET}))
    assert list(scanner.scan(scan.of_file(image))) == []
    assert {hit.what for hit in scanner.scan(scan.of_file(scan.raw(image, tmp_path / "again")))} == {"s, as it is"}


def test_what_is_there_is_found(tmp_path: Path) -> None:
    disk = images.disk(tmp_path, images.CLEAN)
    for how, text in WRITTEN.items():
        offline.edit(disk, [Edit(f"/etc/{how.replace(' ', '-')}", b"x\n" * 3000 + text)])
    hits = Scanner(needles({"s": SECRET})).scan(scan.of_file(disk.path))
    assert {hit.what for hit in hits} == {f"s, {how}" for how in WRITTEN}
