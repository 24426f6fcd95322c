"""The gate, before a stand-in for QEMU that treats connections as QEMU and a booting guest do."""

import asyncio

import pytest

from generator.image import gate


class Guest:
    """Has no network for some tries (QEMU holds them), then no sshd for some (they are refused), then both.

    `mute` is a guest that drops what it does not serve, so that its other port never refuses.
    """

    def __init__(self, held: int, refused: int, mute: bool = False) -> None:
        self._held, self._refused, self._mute = held, refused, mute
        self.looks = self.tries = 0

    async def nobody(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.looks += 1
        if self._mute or self.looks <= self._held:
            await reader.read()
        writer.close()

    async def sshd(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tries += 1
        if self.tries > self._refused:
            await asyncio.sleep(0.3)  # a slow one
            writer.write(b"SSH-2.0-test\r\n")
            while data := await reader.read(100):
                writer.write(b"echo " + data)
        writer.close()


async def talk(guest: Guest) -> tuple[bytes, bytes]:
    servers = [await asyncio.start_server(serve, "127.0.0.1", 0) for serve in (guest.sshd, guest.nobody)]
    entry = gate.Gate()
    port = await entry.listen()
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"SSH-2.0-Go\r\n")
            entry.open(*(server.sockets[0].getsockname()[1] for server in servers))
            banner, echo = await reader.readline(), await reader.readline()
            writer.close()
            return banner, echo
    finally:
        await entry.close()
        for server in servers:
            server.close()


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("EVERY", 0.05), ("BLIND", 0.5), ("UNSURE", 0.4)):
        monkeypatch.setattr(gate, name, seconds)


@pytest.mark.parametrize(("held", "refused"), [(0, 0), (4, 0), (0, 4), (5, 3)])
def test_it_lets_in_when_sshd_answers_and_bothers_it_once(held: int, refused: int) -> None:
    guest = Guest(held, refused)
    assert asyncio.run(talk(guest)) == (b"SSH-2.0-test\r\n", b"echo SSH-2.0-Go\r\n")
    assert guest.tries == refused + 1


def test_a_guest_that_drops_what_it_does_not_serve() -> None:
    assert asyncio.run(talk(Guest(0, 1, mute=True))) == (b"SSH-2.0-test\r\n", b"echo SSH-2.0-Go\r\n")


def test_a_client_that_goes_away_ends_the_tries() -> None:
    async def leave() -> int:
        guest = Guest(held=1000, refused=1000)
        server = await asyncio.start_server(guest.nobody, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        entry = gate.Gate()
        _, writer = await asyncio.open_connection("127.0.0.1", await entry.listen())
        writer.write(b"SSH-2.0-Go\r\n")
        entry.open(port, port)
        await asyncio.sleep(0.2)
        assert guest.looks
        writer.close()
        await asyncio.sleep(0.2)
        looks = guest.looks
        await asyncio.sleep(0.3)
        await entry.close()
        server.close()
        return guest.looks - looks

    assert asyncio.run(leave()) == 0


def test_it_closes_while_it_waits_for_qemu() -> None:
    async def close() -> bytes:
        entry = gate.Gate()
        reader, writer = await asyncio.open_connection("127.0.0.1", await entry.listen())
        writer.write(b"SSH-2.0-Go\r\n")
        await asyncio.sleep(0.05)
        await entry.close()
        return await reader.read()

    assert asyncio.run(close()) == b""
