"""The wires to a running QEMU: sockets on which this side listens, so that there is nothing to poll and no race."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from qemu.qmp import EventListener, QMPClient, QMPError

from generator import scratch

# sun_path in unix(7) ends at 108 bytes; the folder, a slash, the longest name and a NUL must fit.
_SUN_PATH = 108 - len("/console") - 1
_CHUNK = 64 << 10
LOST = (QMPError, OSError, EOFError)  # what a command raises when QEMU has gone away
EVENTS = ("SHUTDOWN", "RESET", "GUEST_PANICKED", "BLOCK_IO_ERROR")

# The library reports a connection that ends, which is how each of ours ends, to Python's last-resort handler.
logging.getLogger("qemu.qmp").addHandler(logging.NullHandler())


def folder() -> AbstractContextManager[Path]:
    """A private folder in the usual place, or in /tmp where the usual place has too long a name for a socket."""
    usual = scratch.usual()
    fits = len(bytes(usual)) + len("/nb.12345678") <= _SUN_PATH
    return scratch.folder(usual if fits else Path("/tmp"), "nb.")  # noqa: S108 - mkdtemp inside


class Wire:
    """A socket on which QEMU will connect once, and out of which bytes come until QEMU ends; a few may go back."""

    def __init__(self, path: Path, take: Callable[[bytes], None]) -> None:
        self._path, self._take = path, take
        self._server: asyncio.Server | None = None
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def listen(self) -> None:
        self._server = await asyncio.start_unix_server(self._accepted, self._path)

    def send(self, raw: bytes) -> None:
        """Give QEMU some bytes for the guest: few, for nothing here waits until they are taken."""
        if self._writer and not self._writer.is_closing():
            self._writer.write(raw)

    async def drained(self) -> None:
        """Return when all that QEMU sent has been taken. Wait for this only when QEMU has ended."""
        if self._reading:
            await self._reading

    async def close(self) -> None:
        if self._server:
            self._server.close()
        if self._reading:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reading, self._writer = asyncio.current_task(), writer
        try:
            while chunk := await reader.read(_CHUNK):
                self._take(chunk)
        except (ConnectionResetError, asyncio.CancelledError):
            pass  # QEMU was killed, or `close` ended this; asyncio would report a cancelled connection as a fault
        finally:
            writer.close()


class Monitor:
    """QEMU's QMP, by the library qemu.qmp."""

    def __init__(self, path: Path, on_event: Callable[[str, dict[str, object]], None]) -> None:
        self._path, self._on_event = path, on_event
        self._client = QMPClient("nodebake")
        self._events = EventListener(names=EVENTS)
        self._task: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        self._client.register_listener(self._events)
        await self._client.start_server(str(self._path))

    async def accept(self) -> None:
        """Wait for QEMU. Returns only when it came: watch meanwhile whether it lives."""
        await self._client.accept()
        self._task = asyncio.create_task(self._listen())

    async def execute(self, command: str, arguments: dict[str, object] | None = None) -> object:
        return await self._client.execute(command, arguments)

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
        with suppress(Exception):  # the library raises here whatever ended the connection
            await self._client.disconnect()

    async def _listen(self) -> None:
        async for event in self._events:
            data = event.get("data")
            self._on_event(str(event["event"]), data if isinstance(data, dict) else {})
