"""What goes back through a wire."""

from __future__ import annotations

import asyncio
from pathlib import Path

from generator.guest.wires import Wire


async def _spoken(path: Path) -> tuple[list[bytes], bytes]:
    heard: list[bytes] = []
    wire = Wire(path, heard.append)
    await wire.listen()
    wire.send(b"too early")  # nobody is there, and nobody waits
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"done\n")
    while not heard:
        await asyncio.sleep(0.01)
    wire.send(b"failed blame\n")
    said = await reader.readline()
    writer.close()
    await wire.drained()
    wire.send(b"too late")
    await wire.close()
    return heard, said


def test_both_ways(tmp_path: Path) -> None:
    assert asyncio.run(_spoken(tmp_path / "w")) == ([b"done\n"], b"failed blame\n")
