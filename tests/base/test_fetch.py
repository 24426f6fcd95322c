"""Images from an address: every way in which a server or its bytes can disappoint."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from generator import base, errors, proc
from generator.base import fetch, web
from generator.model import BasePin


@pytest.fixture
def image(tmp_path: Path) -> bytes:
    path = tmp_path / "small.qcow2"
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "8M"])
    return path.read_bytes() + os.urandom(1 << 18)  # bytes beyond the last cluster are allowed


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_PAUSE", 0.001)


def _pin(server, body: bytes) -> BasePin:
    return BasePin(server.url, hashlib.sha256(body).hexdigest(), "debian-13")


def _part(cache: Path, pin: BasePin, content: bytes) -> Path:
    cache.mkdir(parents=True)
    part = cache / f"pinned-{pin.sha256[:32]}.part"
    part.write_bytes(content)
    return part


@pytest.mark.parametrize(
    ("had", "ranges", "troubles", "asked"),
    [
        pytest.param(0, True, [], [""], id="whole"),
        pytest.param(1000, True, [], ["bytes=1000-"], id="resumed"),
        pytest.param(1000, False, [], ["bytes=1000-"], id="server without ranges"),
        pytest.param(None, True, [], ["bytes=*-"], id="all there already"),
        pytest.param(0, True, [("status", 500), ("status", 503)], ["", "", ""], id="500 then OK"),
        pytest.param(0, True, [("cut", 200000)], ["", "bytes=200000-"], id="cut, then resumed"),
        pytest.param(0, True, [("cut", 0)], ["", ""], id="cut before the first byte"),
    ],
)
def test_it_arrives(cache: Path, server, image: bytes, had, ranges, troubles, asked) -> None:
    server.body, server.ranges, server.troubles = image, ranges, list(troubles)
    pin = _pin(server, image)
    if had != 0:
        _part(cache, pin, image[:had])
    found = base.obtain(pin)
    assert found.path.read_bytes() == image
    assert found.sha256 == pin.sha256
    assert server.asked == [word.replace("*", str(len(image))) for word in asked]
    assert base.obtain(pin) == found
    assert len(server.asked) == len(asked), "the second use asked the server"


def test_a_part_longer_than_the_file_is_given_up(cache: Path, server, image: bytes) -> None:
    server.body, pin = image, _pin(server, image)
    _part(cache, pin, image + b"more")
    assert base.obtain(pin).path.read_bytes() == image


def test_a_wrong_hash_is_not_tried_again(cache: Path, server, image: bytes) -> None:
    server.body = image
    pin = BasePin(server.url, "0" * 64, "debian-13")
    with pytest.raises(errors.ToolError, match=r"is not what the profile pins: sha256 is [0-9a-f]{64}, not 0{64}"):
        base.obtain(pin)
    assert len(server.asked) == 1
    assert [path.name for path in cache.iterdir()] == [f"pinned-{'0' * 32}.lock"]


@pytest.mark.parametrize(
    ("troubles", "sentence", "requests"),
    [
        ([("status", 404)], "the server says 404", 1),
        ([("status", 403)], "the server says 403", 1),
        ([("status", 500)] * 9, "too many 500 error responses", 5),
        ([("cut", 100)] * 9, "it broke off 5 times", 5),
    ],
)
def test_the_server_fails(cache: Path, server, image: bytes, troubles, sentence: str, requests: int) -> None:
    server.body, server.troubles = image, list(troubles)
    with pytest.raises(errors.ToolError, match=f"^cannot fetch {server.url}: .*{sentence}") as caught:
        base.obtain(_pin(server, image))
    assert caught.value.exit_code == errors.TOOL
    assert len(server.asked) == requests


def test_what_came_before_the_failure_is_kept(cache: Path, server, image: bytes) -> None:
    server.body, server.troubles = image, [("cut", 70000), ("status", 404)]
    with pytest.raises(errors.ToolError):
        base.obtain(_pin(server, image))
    assert base.obtain(_pin(server, image)).path.read_bytes() == image
    assert server.asked[-1] == "bytes=70000-"


def test_a_trickle(cache: Path, server, image: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_WINDOW", 0.0)
    server.body, server.troubles = image, [("trickle", 100)]
    with pytest.raises(errors.ToolError, match="less than 60 KiB came within 0 s"):
        base.obtain(_pin(server, image))
    assert len(server.asked) == 1


def test_nobody_listens(cache: Path) -> None:
    with pytest.raises(errors.ToolError, match=r"^cannot fetch http://127.0.0.1:9/x: .*[Cc]onnection refused"):
        base.obtain(BasePin("http://127.0.0.1:9/x", "0" * 64, "debian-13"))


def test_a_flipped_bit_in_the_cache_is_fetched_again(cache: Path, server, image: bytes) -> None:
    server.body, pin = image, _pin(server, image)
    path = base.obtain(pin).path
    path.write_bytes(bytes([image[0] ^ 1]) + image[1:])
    assert base.obtain(pin).path.read_bytes() == image
    assert len(server.asked) == 2


def test_a_file_address(cache: Path, tmp_path: Path, image: bytes) -> None:
    source = tmp_path / "with space.qcow2"
    source.write_bytes(image)
    pin = BasePin(source.as_uri(), hashlib.sha256(image).hexdigest(), "debian-13")
    assert base.obtain(pin).path.read_bytes() == image
    assert source.exists()


def test_a_file_that_is_not_there(cache: Path) -> None:
    with pytest.raises(errors.ToolError, match=r"^cannot fetch file:///no/such: No such file or directory"):
        base.obtain(BasePin("file:///no/such", "0" * 64, "debian-13"))


def test_a_raw_disk_becomes_qcow2(cache: Path, server) -> None:
    server.body = b"\0" * 510 + b"\x55\xaa" + b"x" * 512
    assert base.obtain(_pin(server, server.body)).path.read_bytes()[:4] == b"QFI\xfb"


def test_a_refused_image_does_not_stay(cache: Path, server) -> None:
    server.body = b"KDMV" + b"\0" * 1000
    with pytest.raises(errors.NodebakeError, match=r"^refused the image .*: it is VMDK") as caught:
        base.obtain(_pin(server, server.body))
    assert caught.value.exit_code == errors.REFUSED
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]
