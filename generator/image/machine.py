"""The guest that Packer starts, seen from our side: its console, its login, and its troubles, which Packer never sees.

Packer waits for SSH until its timeout, also when QEMU has died or the kernel has panicked (hashicorp/packer#2155).
"""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from generator import errors
from generator.guest import limits, wires
from generator.guest.console import Console
from generator.guest.fate import Fate
from generator.image.gate import Gate
from generator.image.lines import Event
from generator.image.tale import Tale

_TICK = 0.25  # seconds
# When Packer fails it ends QEMU, and then itself. What comes first to our ears may be QEMU's end.
_PACKER_ENDS = 10.0
_LAST_WORDS = 0.5
# With a login, the steps are at work: one may download for long and say nothing, but not for half an hour in idleness.
_AT_WORK = limits.Limits(cpu=float("inf"), silence=1800.0, wall=6 * 3600.0)
# `info usernet` of QEMU's human monitor: protocol, descriptor, then both ends of the forwarding, address and port each.
_FORWARD = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)\s")


class Machine:
    """Listens where QEMU will connect, lets Packer in, and watches until the guest is off."""

    def __init__(self, work: Path, name: str, log: Path, tale: Tale) -> None:
        self._work, self._tale = work, tale
        self.gate = Gate()
        self._console = Console(log, lambda _: None)
        self._fate = Fate(name, log, self._console, limits.Limits(), time.monotonic())
        self._wire = wires.Wire(work / "console", self._heard)
        self._gone: asyncio.Task[None] | None = None
        self._at_work = False
        self._monitor = wires.Monitor(work / "qmp", self._fate.event)

    async def listen(self) -> int:
        """Be ready for QEMU; returns the port for Packer's SSH."""
        await self._wire.listen()
        await self._monitor.listen()
        return await self.gate.listen()

    async def watch(self) -> None:
        """Return when QEMU ended as it should. Raises GuestError as soon as the guest is lost."""
        await self._monitor.accept()
        command: dict[str, object] = {"command-line": "info usernet"}
        answer = str(await self._monitor.execute("human-monitor-command", command))
        ports = {guest: int(ours) for ours, guest in _FORWARD.findall(answer)}
        if not {"9", "22"} <= ports.keys():
            raise errors.no_forwarding(answer)
        self.gate.open(sshd=ports["22"], nobody=ports["9"])
        await self._until_off()

    async def _until_off(self) -> None:
        gone = self._gone = asyncio.create_task(self._wire.drained())
        while not gone.done():
            await asyncio.wait({gone}, timeout=_TICK)
            await self._look()
        if not self._tale.halting:
            await asyncio.sleep(_PACKER_ENDS)
            raise self._fate.ended(0, "it went away")

    def told(self, event: Event) -> None:
        """Packer's word of the guest is one of the guest."""
        self._fate.watchdog.heard(time.monotonic())
        self._tale.take(event)

    async def close(self) -> None:
        await self.gate.close()
        if self._gone:  # Packer has ended QEMU; what it said last is still to be read
            await asyncio.wait({self._gone}, timeout=_LAST_WORDS)
        await self._wire.close()
        await self._monitor.close()
        self._console.close()

    async def _look(self) -> None:
        """Until there is a login the guest must boot; later only a step that will never end is one too long."""
        if self._tale.connected and not self._at_work:
            self._at_work = True
            self._fate.begin(_AT_WORK, time.monotonic())
        self._fate.look(time.monotonic(), limits.cpu_seconds(self._pid()))
        if self._fate.broken:
            await asyncio.sleep(_LAST_WORDS)
        if error := self._fate.error():
            raise error

    def _pid(self) -> int:
        """QEMU's, or 0 (which is no process) when it is gone and has taken its file with it."""
        try:
            return int((self._work / "pid").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def _heard(self, raw: bytes) -> None:
        self._fate.watchdog.heard(time.monotonic())
        self._console.feed(raw)
