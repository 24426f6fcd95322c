"""QEMU as a process with its wires: started without a race, watched, and ended in every case."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

from generator import proc
from generator.guest import accel, qemu, wires
from generator.guest.console import Console
from generator.guest.fate import Fate
from generator.guest.limits import Limits, cpu_seconds
from generator.guest.port import Port

T = TypeVar("T")

TICK = 0.25  # seconds between two looks at the clock, each of which reads one line of /proc
LAST_WORDS = 0.5  # seconds: what follows the first line of a panic, its reason and call trace, is worth having
QUIT = 5.0  # seconds: QEMU ends in 0.1, unless it has much to write out


class Engine:
    """One QEMU. Callbacks of the event loop feed it; `wait` is where the caller hears of all that happens."""

    def __init__(self, machine: qemu.Machine, log: Path, limits: Limits, on_stage: Callable[[str], None]) -> None:
        self._accel = accel.probe()  # before the clock starts: a broken KVM takes it two seconds to find out
        self.began = time.monotonic()
        self.machine = machine
        self.console = Console(log, on_stage)
        self.port = Port()
        self.fate = Fate(machine.name, log, self.console, limits, self.began)
        self.code: int | None = None  # how QEMU ended, once all it sent has been read
        self._scratch = ExitStack()
        self._places = qemu.Wires(self._scratch.enter_context(wires.folder()))
        self._wires = [wires.Wire(self._places.console, self._heard), wires.Wire(self._places.port, self._received)]
        self.monitor = wires.Monitor(self._places.qmp, self._event)
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._fault: Exception | None = None
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101 - there is no engine without one, once started
        return self._process.pid

    async def start(self) -> None:
        """Start QEMU, wait until it is connected, and let the guest run."""
        if self.machine.firmware == "uefi":
            shutil.copyfile(qemu.OVMF_VARS, self._places.nvram)
        for wire in self._wires:
            await wire.listen()
        await self.monitor.listen()
        argv = qemu.argv(self.machine, self._places, self._accel)
        with self._said.open("wb") as said:
            self._process = proc.start(argv, stdout=said.fileno())
        self._tasks = [asyncio.create_task(task) for task in (self._watch_end(), self._watch_clock())]
        await self._connect()

    async def wait(self, hit: Callable[[], T | None]) -> T:
        """Wait until `hit` gives something other than None. Raises GuestError when that cannot be any more."""
        while True:
            self._news.clear()
            if (found := hit()) is not None:
                return found
            if self._fault:
                raise self._fault
            if error := self.fate.error():
                if self.fate.broken:
                    await asyncio.sleep(LAST_WORDS)
                raise self.fate.error() or error
            if self.code is not None:
                raise self.fate.ended(self.code, self._stderr())
            await self._news.wait()

    def say(self, raw: bytes) -> None:
        """Send bytes to the guest's end of the result port."""
        self._wires[1].send(raw)

    def look(self) -> bool:
        """Look at the clock and at QEMU's CPU seconds now; whether something is wrong."""
        return self.fate.look(time.monotonic(), cpu_seconds(self.pid))

    async def quit(self) -> None:
        """End QEMU now: by QMP, so that it writes out its disk, and by signals if it does not answer."""
        with suppress(Exception):  # it may go away before it has answered
            async with asyncio.timeout(QUIT):
                await self.monitor.execute("quit")
                await self._tasks[0]

    async def close(self) -> None:
        """End what is still there. First QEMU, without a chance for anything to come between."""
        if self._process and self.code is None:
            proc.stop(self._process, grace=2.0)
            self.code = self._process.returncode  # a second close, after a start that failed, must not kill a stranger
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wire in self._wires:
            await wire.close()
        await self.monitor.close()
        self.console.close()
        self._scratch.close()

    @property
    def _said(self) -> Path:
        return self._places.folder / "stderr"

    def _stderr(self) -> str:
        return "\n".join(self._said.read_text(errors="replace").strip().splitlines()[-5:])

    async def _connect(self) -> None:
        accepting = asyncio.create_task(self.monitor.accept())
        accepting.add_done_callback(lambda _: self._news.set())
        try:
            await self.wait(lambda: accepting.done() or None)
            await accepting
            await self.monitor.execute("cont")
        except wires.LOST:  # it went away while it was greeting us: say how
            await self.wait(lambda: None)
        finally:
            accepting.cancel()

    def _heard(self, raw: bytes) -> None:
        self._noted(self.console.feed, raw)

    def _received(self, raw: bytes) -> None:
        self._noted(self.port.feed, raw if self.fate.received(raw) else b"")

    def _noted(self, feed: Callable[[bytes], None], raw: bytes) -> None:
        self.fate.watchdog.heard(time.monotonic())
        try:
            feed(raw)
        except Exception as error:  # no room for the log, or the caller's callback: `wait` raises it
            self._fault = self._fault or error
        self._news.set()

    def _event(self, name: str, data: dict[str, object]) -> None:
        self.fate.event(name, data)
        if name == "SHUTDOWN" and str(data.get("reason")).startswith("guest"):
            self._tasks.append(asyncio.create_task(self.quit()))  # it stands still now, and ends only by our word
        self._news.set()

    async def _watch_clock(self) -> None:
        while not self.look():
            await asyncio.sleep(TICK)
        self._news.set()

    async def _watch_end(self) -> None:
        """Wait for QEMU's end, then until everything that it had sent is read: a result may be in it."""
        assert self._process is not None  # noqa: S101 - this task is made after it
        await _readable(pidfd := os.pidfd_open(self._process.pid))
        os.close(pidfd)
        self.look()  # a process that is not reaped still has its times
        code = self._process.wait()
        await asyncio.gather(*(wire.drained() for wire in self._wires))
        self.code = code
        self._news.set()


async def _readable(descriptor: int) -> None:
    """Wait until a file descriptor is readable; a pidfd is when its process has ended."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
