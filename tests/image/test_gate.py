"""The gate, before a stand-in for QEMU that treats a connection as QEMU and sshd do while a guest boots."""

import asyncio

import pytest

from generator.image import gate


class Sshd:
    """Holds the first connections without a word, then closes some, then answers with a banner and echoes."""

    def __init__(self, held: int, closed: int) -> None:
        self._held, self._closed = held, closed
        self.seen = 0

    async def reached(self) -> bool:
        return self.seen > self._held

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen += 1
        if self.seen <= self._held:
            await reader.read()
        elif self.seen > self._held + self._closed:
            await asyncio.sleep(0.5)  # longer than a try that was not heard may last
            writer.write(b"SSH-2.0-test\r\n")
            while data := await reader.read(100):
                writer.write(b"echo " + data)
        writer.close()


async def talk(sshd: Sshd) -> tuple[bytes, bytes]:
    server = await asyncio.start_server(sshd.serve, "127.0.0.1", 0)
    entry = gate.Gate(sshd.reached)
    port = await entry.listen()
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"SSH-2.0-Go\r\n")
            entry.open(server.sockets[0].getsockname()[1])
            banner, echo = await reader.readline(), await reader.readline()
            writer.close()
            return banner, echo
    finally:
        await entry.close()
        server.close()


@pytest.mark.parametrize(("held", "closed"), [(0, 0), (2, 0), (0, 3), (9, 2)])
def test_it_lets_in_when_sshd_answers(monkeypatch: pytest.MonkeyPatch, held: int, closed: int) -> None:
    monkeypatch.setattr(gate, "EVERY", 0.02)
    monkeypatch.setattr(gate, "UNHEARD", 0.1)
    sshd = Sshd(held, closed)
    assert asyncio.run(talk(sshd)) == (b"SSH-2.0-test\r\n", b"echo SSH-2.0-Go\r\n")


def test_a_client_that_goes_away_ends_the_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "EVERY", 0.02)
    monkeypatch.setattr(gate, "UNHEARD", 0.05)
    sshd = Sshd(held=1000, closed=0)

    async def leave() -> int:
        server = await asyncio.start_server(sshd.serve, "127.0.0.1", 0)
        entry = gate.Gate(sshd.reached)
        _, writer = await asyncio.open_connection("127.0.0.1", await entry.listen())
        writer.write(b"SSH-2.0-Go\r\n")
        entry.open(server.sockets[0].getsockname()[1])
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.2)
        seen = sshd.seen
        await asyncio.sleep(0.3)
        await entry.close()
        server.close()
        return sshd.seen - seen

    assert asyncio.run(leave()) == 0


def test_it_closes_while_it_waits_for_qemu() -> None:
    async def close() -> bytes:
        entry = gate.Gate(Sshd(0, 0).reached)
        reader, writer = await asyncio.open_connection("127.0.0.1", await entry.listen())
        writer.write(b"SSH-2.0-Go\r\n")
        await asyncio.sleep(0.05)
        await entry.close()
        return await reader.read()

    assert asyncio.run(close()) == b""
