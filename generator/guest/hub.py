"""A program: one Ethernet segment in a network namespace of its own, with a DHCP server on it.

    unshare --net -- python3 -m generator.guest.hub FOLDER PARENT

QEMUs connect to FOLDER/wire and have each frame of the others (QEMU's netdev `stream`: four bytes of length before each
frame). dnsmasq is on one end of a veth pair, this program on the other. It makes nothing outside of its namespace and
needs no device node; when it ends, or its parent does, all of it is gone.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from generator import proc

SOCKET, LEASES, LOG, READY = "wire", "leases", "dnsmasq.log", "ready"
SERVER, WIRE = "dhcp", "wire"  # the two ends of the veth pair
ADDRESS, RANGE = "10.77.0.1/24", "10.77.0.16,10.77.0.250,255.255.255.0,1h"
_MADE = (
    ("link", "add", SERVER, "type", "veth", "peer", "name", WIRE),
    ("address", "add", ADDRESS, "dev", SERVER),
    *(("link", "set", name, "up") for name in ("lo", SERVER, WIRE)),
)
_LONGEST = 65550  # bytes: an Ethernet frame with what the kernel may have put together
_WAITING = 1 << 20  # bytes for a guest that does not read; more are dropped, as a switch does
_OUTGOING = 4  # PACKET_OUTGOING of packet(7): what we sent ourselves
_ALL = 3  # ETH_P_ALL
_DHCP = 67  # the server's port: RFC 2131
_LOOK = 0.02  # seconds
_SIOCETHTOOL, _STXCSUM = 0x8946, 0x17  # linux/sockios.h, linux/ethtool.h


class Hub:
    """Each frame to all but where it came from."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._ports: set[asyncio.StreamWriter] = set()

    async def plug(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One guest, until it goes."""
        self._ports.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while (size := int.from_bytes(await reader.readexactly(4), "big")) <= _LONGEST:
                self._spread(await reader.readexactly(size), writer)
        self._ports.discard(writer)
        writer.close()

    def from_wire(self) -> None:
        """A frame of the DHCP server."""
        frame, address = self._wire.recvfrom(_LONGEST)
        if address[2] != _OUTGOING:
            self._spread(frame, None)

    def _spread(self, frame: bytes, source: asyncio.StreamWriter | None) -> None:
        if source is not None:
            with suppress(OSError):  # no room, or longer than the wire takes: lost, as on any
                self._wire.send(frame)
        for port in self._ports - {source}:
            if port.transport.get_write_buffer_size() < _WAITING:
                port.write(len(frame).to_bytes(4, "big") + frame)


def _full_checksums(name: str) -> None:
    """Have the kernel write them: on a veth it leaves that to a device that there is none of, and guests drop such."""
    value = ctypes.create_string_buffer(struct.pack("II", _STXCSUM, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, _SIOCETHTOOL, struct.pack("16sP16x", name.encode(), ctypes.addressof(value)))


def _serve_dhcp(folder: Path) -> subprocess.Popen[str]:
    """dnsmasq reads no file of this host, and answers on the segment alone."""
    options = ("--no-daemon", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--pid-file=", "--port=0")
    where = (f"--interface={SERVER}", "--bind-interfaces", "--dhcp-authoritative", f"--dhcp-range={RANGE}")
    with (folder / LOG).open("wb") as log:
        return proc.start(["dnsmasq", *options, *where, f"--dhcp-leasefile={folder / LEASES}"], stdout=log.fileno())


async def _run(folder: Path, dhcp: subprocess.Popen[str]) -> None:
    """Until SIGTERM, or until there is no DHCP server any more."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    loop.add_reader(os.pidfd_open(dhcp.pid), ending.set)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL)) as wire:
        wire.bind((WIRE, 0))
        wire.setblocking(False)
        hub = Hub(wire)
        loop.add_reader(wire, hub.from_wire)
        async with await asyncio.start_unix_server(hub.plug, folder / SOCKET):
            while not (ending.is_set() or _listens()):
                await asyncio.sleep(_LOOK)
            if not ending.is_set():
                (folder / READY).touch()
            await ending.wait()


def _listens() -> bool:
    """Whether the DHCP server is there: what a guest broadcasts before is lost. By proc_net(5), of this namespace."""
    return f":{_DHCP:04X} " in Path("/proc/self/net/udp").read_text(encoding="ascii")


def main(folder: Path, parent: int) -> None:
    """Serve until told to end."""
    proc.die_with(parent)  # again: becoming root of a namespace has cleared it
    os.umask(0o077)
    for words in _MADE:
        proc.run(["ip", *words])
    _full_checksums(SERVER)
    dhcp = _serve_dhcp(folder)
    try:
        asyncio.run(_run(folder, dhcp))
    finally:
        proc.stop(dhcp)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
