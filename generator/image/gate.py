"""A gate before the guest's sshd, which lets Packer in at the moment that sshd answers.

QEMU accepts connections for a guest that is still booting, and holds them. Packer's handshake then waits for a fixed
60 s, or until QEMU repeats its own try, and its next one comes 7 s later: 4 to 16 s lost of each build. The gate
accepts Packer at once, tries sshd itself every now and then, and joins the two at sshd's first word.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

# A try that QEMU holds for a guest without a network is repeated by QEMU ever more seldom: a new one is heard sooner.
# So a try is given up after a while; not too soon, for a slow guest's sshd needs seconds for its first word.
EVERY = 0.75  # seconds between two tries
PATIENCE = 6.0  # seconds for one try, and a tenth of the time that has passed
AT_ONCE = 8  # tries; sshd refuses an eleventh (MaxStartups 10:30:100)
_CHUNK = 64 << 10

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Gate:
    """Listens on a port of 127.0.0.1 that the kernel chose. `open` tells where the guest's sshd is to be."""

    def __init__(self) -> None:
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
        ready = asyncio.create_task(_answer(port))
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


async def _answer(port: int) -> tuple[bytes, Stream]:
    """Sshd's first line, and the connection on which it came. Tries until there is one."""
    tries: set[asyncio.Task[tuple[bytes, Stream]]] = set()
    began = time.monotonic()
    try:
        while True:
            if len(tries) < AT_ONCE:
                patience = PATIENCE + (time.monotonic() - began) / 10
                tries.add(asyncio.create_task(_try(port, patience)))
            done, tries = await asyncio.wait(tries, timeout=EVERY, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if not one.exception():
                    return one.result()
            if done:
                await asyncio.sleep(EVERY / 2)  # refused: the guest is there, and its sshd is not
    finally:
        for one in tries:
            one.cancel()


async def _try(port: int, patience: float) -> tuple[bytes, Stream]:
    writer = None
    try:
        async with asyncio.timeout(patience):
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
