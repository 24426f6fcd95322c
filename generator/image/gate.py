"""A gate before the guest's sshd, which lets Packer in at the moment that sshd answers.

QEMU accepts connections for a guest that is still booting, and repeats its own try in the guest ever more seldom. Packer
would then wait for that, or for a fixed 60 s and another 7 s. The gate accepts Packer at once, tries sshd anew until the
guest's own TCP answers, and joins the two at sshd's first word. One try at a time: each costs the guest a process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

EVERY = 0.3  # seconds between two looks
UNHEARD = 1.0  # seconds for a try to which the guest's TCP has not answered
PATIENCE = 120.0  # seconds for sshd's first word, once it is connected: a slow guest needs several

_CHUNK = 64 << 10

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Reached = Callable[[], Awaitable[bool]]  # whether the try that is under way has reached the guest's sshd


class Gate:
    """Listens on a port of 127.0.0.1 that the kernel chose. `open` tells where the guest's sshd is to be."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached
        self._backend: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def open(self, port: int) -> None:
        self._backend.set_result(port)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._backend.cancel()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this in a task of its own
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # a connection that ends, from whichever side
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(_CHUNK)  # the client speaks first, too, and then waits
        port = await asyncio.shield(self._backend)
        ready = asyncio.create_task(_answer(port, self._reached))
        more = asyncio.create_task(reader.read(_CHUNK))  # nothing: it has gone away
        try:
            await asyncio.wait({ready, more}, return_when=asyncio.FIRST_COMPLETED)
            if more.done() and not more.result():
                return
            banner, (from_guest, to_guest) = await ready
            writer.write(banner)
            to_guest.write(hello)
            await asyncio.gather(_pump(more, reader, to_guest), _pump(None, from_guest, writer))
        finally:
            ready.cancel()
            more.cancel()


async def _answer(port: int, reached: Reached) -> tuple[bytes, Stream]:
    """Sshd's first line, and the connection on which it came. Tries until there is one."""
    while True:
        one = asyncio.create_task(_try(port))
        try:
            await _as_long_as_it_may_be_heard(one, reached)
            if one.done() and not one.exception():
                return one.result()
        finally:
            one.cancel()
        await asyncio.sleep(EVERY)


async def _as_long_as_it_may_be_heard(one: asyncio.Task[tuple[bytes, Stream]], reached: Reached) -> None:
    began = time.monotonic()
    while not one.done():
        await asyncio.wait({one}, timeout=EVERY)
        age = time.monotonic() - began
        if age > PATIENCE or (age > UNHEARD and not await reached()):
            return


async def _try(port: int) -> tuple[bytes, Stream]:
    writer = None
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        line = await reader.readline()
        if line.startswith(b"SSH-"):
            return line, (reader, writer)
        raise ConnectionError("no sshd")
    except BaseException:
        if writer:
            writer.close()
        raise


async def _pump(first: asyncio.Task[bytes] | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        data = await first if first else await reader.read(_CHUNK)
        while data:
            writer.write(data)
            await writer.drain()
            data = await reader.read(_CHUNK)
    writer.close()
