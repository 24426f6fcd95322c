"""A gate before the guest's sshd, which lets Packer in at the moment that sshd answers.

QEMU accepts connections for a guest that is still booting, and repeats its own try in the guest ever more seldom.
Packer would then wait for that, or for a fixed 60 s and another 7 s. The gate accepts Packer at once and holds it.

To try sshd itself again and again is no way: QEMU lets none of these tries go, and sshd then starts a process for each.
So it is a port that nobody listens on which is tried, until the guest refuses it: it has its network now. Then sshd's
port either refuses, too, or it is sshd.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

EVERY = 0.5  # seconds between two tries
BLIND = 20.0  # seconds after which sshd is tried all the same: the guest may drop what it does not serve
UNSURE = 6.0  # seconds for sshd's first word in that case
PATIENCE = 60.0  # seconds for sshd's first word when the guest is known to be there; a slow one needs several
_CHUNK = 64 << 10

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Gate:
    """Listens on a port of 127.0.0.1 that the kernel chose. `open` tells where the guest is."""

    def __init__(self) -> None:
        self._backend: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def open(self, sshd: int, nobody: int) -> None:
        """Two ports of ours that QEMU passes on: to the guest's sshd, and to one on which nothing listens there."""
        self._backend.set_result((sshd, nobody))

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
        ports = await asyncio.shield(self._backend)
        ready = asyncio.create_task(_answer(*ports))
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


async def _answer(sshd: int, nobody: int) -> tuple[bytes, Stream]:
    """Sshd's first line, and the connection on which it came. Tries until there is one."""
    while True:
        there = await _has_network(nobody)
        with suppress(OSError):  # a TimeoutError is one
            async with asyncio.timeout(PATIENCE if there else UNSURE):
                return await _try(sshd)
        await asyncio.sleep(EVERY)


async def _has_network(nobody: int) -> bool:
    """Wait until the guest refuses a connection; False if it did not within `BLIND` seconds."""
    try:
        async with asyncio.timeout(BLIND):
            while not await _refused(nobody):
                pass
    except TimeoutError:
        return False
    return True


async def _refused(port: int) -> bool:
    """Whether the guest refused a connection to it, which QEMU had accepted in its stead, within `EVERY` seconds."""
    try:
        async with asyncio.timeout(EVERY):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return not await reader.read(1)
            finally:
                writer.close()
    except TimeoutError:
        return False
    except OSError:
        return True


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
