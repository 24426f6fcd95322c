"""A running guest and what one does with it, in verbs that read aloud."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from generator.errors import EmulatorSlipped
from generator.guest import sentences
from generator.guest.engine import Engine
from generator.guest.limits import Limits
from generator.guest.qemu import Machine

DEFAULT_LIMITS = Limits()
PRESS_AGAIN = 10.0  # seconds: a power button that was pressed before systemd-logind listened was not heard

T = TypeVar("T")
Until = Callable[[bytes], bool] | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class BootResult:
    """What became of one boot.

    `lines` came on the result port, without their newlines. `seconds` are by the clock until the result was there,
    `cpu_seconds` those that QEMU used up to then. `resets` counts reboots by the guest.
    """

    lines: tuple[bytes, ...]
    seconds: float
    cpu_seconds: float
    console_tail: str
    resets: int


def quietly(_: str) -> None:
    """The progress callback of whoever gave none."""


class Guest:
    """A guest, for as long as an `async with` block lasts. However the block is left, no QEMU remains.

    Enter it in the main thread, for QEMU dies with the thread that started it. The verbs raise GuestError, with the
    console's last lines, when the guest panics, hangs, reboots in a loop, falls into a rescue shell, or goes away.

    Where QEMU slips, as it may with several CPUs that it emulates, the machine is booted once more, with one: only if
    it has not come to its disk, for that would be another boot than the one that was asked for.
    """

    def __init__(
        self,
        machine: Machine,
        console_log: Path,
        *,
        limits: Limits = DEFAULT_LIMITS,
        on_stage: Callable[[str], None] = quietly,
    ) -> None:
        """`console_log` is written anew. `on_stage` is told each stage of the boot as the console shows it."""
        self._machine, self._log, self._limits, self._on_stage = machine, console_log, limits, on_stage

    async def __aenter__(self) -> Self:
        self._engine = await self._started()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._engine.close()

    @property
    def pid(self) -> int:
        """The process id of QEMU."""
        return self._engine.pid

    async def wait_lines(self, until: Callable[[bytes], bool]) -> list[bytes]:
        """Lines of the result port not taken before, up to and with the first for which `until` is true."""
        return await self._wait(lambda: self._engine.port.take(until))

    def say(self, line: str) -> None:
        """A line to whoever reads the result port in the guest."""
        self._engine.say(f"{line}\n".encode())

    async def wait_console(self, pattern: str | re.Pattern[str]) -> str:
        """The first console line not looked at before, cleaned of escapes, in which `pattern` is found."""
        compiled = re.compile(pattern)
        return await self._wait(lambda: self._engine.console.find(compiled))

    async def execute(self, command: str, arguments: dict[str, object] | None = None) -> object:
        """A QMP command, such as device_add. Raises qemu.qmp's ExecuteError when QEMU refuses it."""
        return await self._engine.monitor.execute(command, arguments)

    async def plug_port(self) -> None:
        """Plug in the result port of a machine that has none at boot; udev sees it come."""
        port = {
            "driver": "virtserialport",
            "bus": "ports.0",
            "chardev": "port",
            "id": "port",
            "name": self._machine.port,
        }
        await self.execute("device_add", dict(port))

    async def powerdown(self) -> None:
        """Press the power button, and wait until the guest has shut itself down and QEMU has written out its disk."""
        pressing = asyncio.create_task(self._press())
        try:
            async with asyncio.timeout(self._limits.powerdown):
                await self._engine.wait(lambda: self._engine.fate.off)
                await self._engine.wait(lambda: self._engine.code)
        except TimeoutError:
            raise self._engine.fate.stays_on() from None
        finally:
            pressing.cancel()

    async def quit(self) -> None:
        """Pull the plug, whatever the guest is doing. What it had not yet written to its disk is lost."""
        await self._engine.quit()

    def result(self) -> BootResult:
        """What the guest has told so far, and what it took."""
        engine = self._engine
        engine.look()
        seconds, cpu = time.monotonic() - engine.began, engine.fate.watchdog.cpu
        return BootResult(tuple(engine.port.lines), seconds, cpu, engine.console.tail(), engine.fate.resets)

    async def _started(self) -> Engine:
        engine = Engine(self._machine, self._log, self._limits, self._on_stage)
        try:
            await engine.start()
        except BaseException:
            await engine.close()
            raise
        return engine

    async def _wait(self, hit: Callable[[], T | None]) -> T:
        try:
            return await self._engine.wait(hit)
        except EmulatorSlipped as slip:
            if self._machine.cpus == 1 or self._engine.console.in_userspace:
                raise
            await self._once_more(slip)
        return await self._engine.wait(hit)

    async def _once_more(self, slip: EmulatorSlipped) -> None:
        """From the start, where one CPU cannot slip; what the console said is kept."""
        await self._engine.close()
        self._log.replace(self._log.with_suffix(".slipped"))
        self._on_stage(sentences.once_more(slip))
        self._machine = dataclasses.replace(self._machine, cpus=1)
        self._engine = await self._started()

    async def _press(self) -> None:
        with suppress(Exception):  # QEMU may end while it is being asked; `powerdown` hears of that by itself
            while True:
                await self.execute("system_powerdown")
                await asyncio.sleep(PRESS_AGAIN)


async def boot_async(  # noqa: PLR0913 - all but two have a good default
    machine: Machine,
    console_log: Path,
    *,
    until: Until,
    limits: Limits = DEFAULT_LIMITS,
    on_stage: Callable[[str], None] = quietly,
    then: Literal["powerdown", "quit"] = "powerdown",
) -> BootResult:
    """Boot a machine, wait for its result, and end it.

    `until` is asked about each line of the result port; a compiled pattern is looked for on the console instead. `then`
    says how it ends: by its power button, so that a next boot finds all that this one wrote, or by pulling the plug.
    """
    async with Guest(machine, console_log, limits=limits, on_stage=on_stage) as guest:
        if isinstance(until, re.Pattern):
            await guest.wait_console(until)
        else:
            await guest.wait_lines(until)
        result = guest.result()
        await (guest.powerdown() if then == "powerdown" else guest.quit())
    return result
