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
from generator.image.tale import Tale

_TICK = 0.25  # seconds
# When Packer fails it ends QEMU, and then itself. What comes first to our ears may be QEMU's end.
_PACKER_ENDS = 10.0
_LAST_WORDS = 0.5
# `info usernet` of QEMU's human monitor: protocol, descriptor, then both ends of the forwarding.
_FORWARD = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s")


class Machine:
    """Listens where QEMU will connect, lets Packer in, and watches until the guest is off."""

    def __init__(self, work: Path, name: str, log: Path, tale: Tale) -> None:
        self._work, self._tale = work, tale
        self.gate = Gate(self._reached)
        self._console = Console(log, lambda _: None)
        self._fate = Fate(name, log, self._console, limits.Limits(), time.monotonic())
        self._wire = wires.Wire(work / "console", self._heard)
        self._monitor = wires.Monitor(work / "qmp", self._fate.event)

    async def listen(self) -> int:
        """Be ready for QEMU; returns the port for Packer's SSH."""
        await self._wire.listen()
        await self._monitor.listen()
        return await self.gate.listen()

    async def watch(self) -> None:
        """Return when QEMU ended as it should. Raises GuestError as soon as the guest is lost."""
        await self._monitor.accept()
        answer = await self._connections()
        port = _FORWARD.search(answer)
        if port is None:
            raise errors.no_forwarding(answer)
        self.gate.open(int(port[1]))
        gone = asyncio.create_task(self._wire.drained())
        try:
            while not gone.done():
                await asyncio.wait({gone}, timeout=_TICK)
                await self._look()
        finally:
            gone.cancel()
        if not self._tale.halting:
            await asyncio.sleep(_PACKER_ENDS)
            raise self._fate.ended(0, "it went away")

    async def close(self) -> None:
        await self.gate.close()
        await self._wire.close()
        await self._monitor.close()
        self._console.close()

    async def _connections(self) -> str:
        """The connections of QEMU's user-mode network, one a line."""
        return str(await self._monitor.execute("human-monitor-command", {"command-line": "info usernet"}))

    async def _reached(self) -> bool:
        """Whether a connection that QEMU accepted for the guest was accepted by the guest, too (not SYN_SENT)."""
        try:
            return "TCP[ESTABLISHED]" in await self._connections()
        except wires.LOST:
            return False

    async def _look(self) -> None:
        """Until there is a login the guest must make progress; later only its word counts, for a step may be slow."""
        if not self._tale.connected:
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
