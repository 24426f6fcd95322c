"""One Ethernet segment for several guests, with a real DHCP server (dnsmasq) on it, and nothing of this host.

QEMU's own user network would not do: each guest has one to itself, and all get the same address. Bridges and taps need
/dev/net/tun and whoever may open it; what hub.py does needs a network namespace and no more.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator import errors, proc
from generator.guest import hub, wires

_PATIENCE = 30.0  # seconds until it is there: 0.6 on an idle host
_ACK = re.compile(r"DHCPACK\(\S+\) (\S+) ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Lease:
    """What the server leased to a MAC, and the client identifier that it leased it by."""

    address: str
    client: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that is up."""

    folder: Path

    @property
    def socket(self) -> Path:
        """Where QEMU connects (Machine.segment)."""
        return self.folder / hub.SOCKET

    def lease(self, mac: str) -> Lease | None:
        """The last one that the server acknowledged to `mac`, by its own word; None where there was none."""
        acknowledged = _ACK.findall((self.folder / hub.LOG).read_text(errors="replace"))
        address = next((found for found, whose in reversed(acknowledged) if whose == mac), None)
        return None if address is None else Lease(address, self._clients().get(address, ""))

    def _clients(self) -> dict[str, str]:
        """By address. Lines of the lease file: expiry, MAC, address, name, client identifier."""
        try:
            rows = [line.split() for line in (self.folder / hub.LEASES).read_text(errors="replace").splitlines()]
        except FileNotFoundError:
            return {}
        return {row[2]: row[4] for row in rows if len(row) >= 5}


@contextmanager
def segment() -> Iterator[Segment]:
    """A segment, for as long as the block lasts. Enter it in the main thread. Raises ToolError."""
    for tool in ("dnsmasq", "ip", "unshare"):
        proc.find(tool)
    with wires.folder() as folder:
        argv = [*_namespace(), sys.executable, "-m", hub.__name__, str(folder), str(os.getpid())]
        with (folder / "hub.log").open("wb") as log:
            process = proc.start(argv, stdout=log.fileno())
        try:
            _wait(process, folder)
            yield Segment(folder)
        finally:
            proc.stop(process)


def _namespace() -> tuple[str, ...]:
    return ("unshare", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--net", "--")


def _wait(process: subprocess.Popen[str], folder: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not (folder / hub.READY).exists():
        if process.poll() is not None or time.monotonic() > end:
            raise errors.no_segment(_said(folder))
        time.sleep(0.05)


def _said(folder: Path) -> str:
    """The last lines of what runs in the namespace."""
    logs = (folder / name for name in ("hub.log", hub.LOG))
    lines = [line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines()]
    return "\n".join(lines[-5:])
