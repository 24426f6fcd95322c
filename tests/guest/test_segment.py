"""A real segment with its real DHCP server; the machines are sockets."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator import errors, guest, proc
from tests.conftest import ROOT

DISCOVER, REQUEST, COOKIE = 1, 3, b"\x63\x82\x53\x63"
DHCP_FRAMES = 64  # more than a segment has in the time of one lease


class Machine:
    """As much of an Ethernet card and a DHCP client as it takes to be leased an address: RFC 2131, RFC 2132."""

    def __init__(self, segment: guest.Segment, mac: str, client: bytes) -> None:
        self.mac, self._client = bytes.fromhex(mac.replace(":", "")), client
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(segment.socket))
        self._stream = self._socket.makefile("rb")

    def leased(self) -> str:
        offered = self._asked(DISCOVER, b"")
        return socket.inet_ntoa(self._asked(REQUEST, bytes([50, 4]) + offered))

    def send(self, frame: bytes) -> None:
        self._socket.sendall(len(frame).to_bytes(4, "big") + frame)

    def receive(self) -> bytes:
        return self._stream.read(int.from_bytes(self._stream.read(4), "big"))

    def _asked(self, kind: int, more: bytes) -> bytes:
        """The address in the answer to one message."""
        options = COOKIE + bytes([53, 1, kind, 61, len(self._client)]) + self._client + more + b"\xff"
        head = struct.pack("!BBBBIHH16x", 1, 1, 6, 0, 0x1234, 0, 0x8000)
        message = head + self.mac + bytes(10 + 192) + options
        self.send(b"\xff" * 6 + self.mac + b"\x08\x00" + _packet(message))
        for _ in range(DHCP_FRAMES):
            frame = self.receive()
            ours = frame[23:24] == b"\x11" and frame[70:76] == self.mac  # UDP, and the client's address in the message
            if frame[12:14] == b"\x08\x00" and ours and frame[36:38] == b"\x00\x44":
                assert _sum(frame[26:34] + b"\x00\x11" + frame[38:40] + frame[34:]) == 0, "a guest drops such"
                return frame[42 + 16 : 42 + 20]
        raise AssertionError("no answer")


def _sum(words: bytes) -> int:
    total = sum(struct.unpack(f"!{len(words) // 2}H", words[: len(words) // 2 * 2]))
    total += words[-1] << 8 if len(words) % 2 else 0
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


def _packet(message: bytes) -> bytes:
    udp = struct.pack("!HHHH", 68, 67, 8 + len(message), 0) + message
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, 0, 0xFFFFFFFF)
    return head[:10] + struct.pack("!H", _sum(head)) + head[12:] + udp


MACS = ("52:54:00:00:00:01", "52:54:00:00:00:02")


def test_leases_and_frames() -> None:
    """The server leases by client identifier: this is what a kept machine-id does. And all is gone afterwards."""
    links = proc.run(["ip", "-br", "link"])
    with guest.segment() as segment:
        one, other = (
            Machine(segment, mac, client) for mac, client in zip(MACS, (b"\xffone", b"\xffother"), strict=True)
        )
        addresses = [one.leased(), other.leased()]
        leases = [segment.lease(mac) for mac in MACS]
        assert [lease.address for lease in leases if lease] == addresses
        assert [lease.client for lease in leases if lease] == ["ff:6f:6e:65", "ff:6f:74:68:65:72"]
        assert len(set(addresses)) == 2
        assert segment.lease("52:54:00:00:00:03") is None

        again = Machine(segment, MACS[1], b"\xffone")  # the same client identifier, whatever the MAC
        assert again.leased() == addresses[0]
        found = segment.lease(MACS[1])
        assert found == leases[0]

        frame = other.mac + one.mac + b"\x88\xb5" + bytes(range(100))
        one.send(frame)
        assert any(other.receive() == frame for _ in range(DHCP_FRAMES))
        assert "dnsmasq" not in proc.run(["ip", "-br", "link"])
        assert proc.run(["ip", "-br", "link"]) == links
        folder = segment.folder
    assert not folder.exists()
    assert not _processes_below(folder)


def test_it_is_there_when_its_server_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a machine sends before is lost."""
    late = tmp_path / "dnsmasq"
    late.write_text(f'#!/bin/sh\nsleep 2\nexec {proc.find("dnsmasq")} "$@"\n')
    late.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with guest.segment() as segment:
        assert Machine(segment, MACS[0], b"\xffone").leased()


def _processes_below(folder: Path) -> list[str]:
    """Of those that live, zombies apart, whoever was told of the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            found += [entry.name] if os.fsencode(folder) in words else []
    return found


def test_it_ends_with_us() -> None:
    """Also where nothing of ours is left to end it."""
    words = "from generator import guest\nwith guest.segment() as made:\n print(made.folder, flush=True)\n input()\n"
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as us:
        assert us.stdout is not None
        folder = Path(us.stdout.readline().decode().strip())
        assert _processes_below(folder)
        us.kill()
    until = time.monotonic() + 60
    while _processes_below(folder) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _processes_below(folder)
    shutil.rmtree(folder)


def test_without_dnsmasq(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def find(tool: str) -> str:
        raise errors.tool_missing(tool, proc.PACKAGES.get(tool, ""))

    monkeypatch.setattr(proc, "find", find)
    with pytest.raises(errors.ToolError) as raised, guest.segment():
        pass
    assert "dnsmasq" in raised.value.sentence
    assert "dnsmasq-base" in raised.value.hint
