"""Packer as a program: which one, and driven by packer.py, with live lines and an end in every case."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packerpy import PackerExecutable

from generator import errors, guest, proc
from generator.image import lines
from generator.image.lines import Event

_PLACES = ("/usr/bin/packer", "/usr/local/bin/packer")
ANSWER = 10.0  # seconds; cracklib's `packer`, in /usr/sbin of other distributions, reads words from stdin for ever
GRACE = 30.0  # seconds for Packer to power the guest off by force and to remove its output; 0.1 is usual
_LINE = 4 << 20  # bytes: asyncio refuses longer lines
WITHOUT_QEMU = (1, 10)  # the first version without the QEMU builder


@dataclass(frozen=True, slots=True)
class Found:
    """A Packer that answered."""

    path: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("-")[0].split(".") if part.isdecimal())


class Packer(PackerExecutable):  # type: ignore[misc]  # packer.py has no types
    """packer.py's verbs (build, validate, version) as coroutines that give the exit code.

    packer.py itself waits in communicate(): no line before the end, no way to cancel, and what it started outlives it.
    """

    def __init__(self, path: str, on_event: Callable[[Event], None], cwd: Path, env: Mapping[str, str]) -> None:
        super().__init__(path)
        self._on_event, self._cwd, self._env = on_event, cwd, env
        self.other: list[str] = []  # what was no event: a usage text, a panic of Packer's

    async def execute_cmd(self, packer_cmd: str, template: str | None = None, **options: Any) -> int:  # noqa: ANN401
        """Run to the end. Cancelled, it ends Packer, and with it QEMU and the output."""
        argv = [self.configuration[self.PATH], packer_cmd, "-machine-readable", *self._explode_args(**options)]
        # SIGTERM, also when we die: Packer cleans up then. SIGINT would be swallowed by its outer process.
        process = proc.start(
            [*argv, *([template] if template else [])],
            env={"CHECKPOINT_DISABLE": "1", "PACKER_NO_COLOR": "1", **self._env},
            cwd=self._cwd,
            stdout=subprocess.PIPE,
            on_parent_death=signal.SIGTERM,
        )
        try:
            await self._read(process)
            return await asyncio.to_thread(process.wait)
        finally:
            proc.stop(process, GRACE)

    async def _read(self, process: subprocess.Popen[str]) -> None:
        reader = asyncio.StreamReader(limit=_LINE)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, process.stdout)
        try:
            async for raw in reader:
                line = raw.decode("utf-8", "replace")
                event = lines.parse(line)
                if event:
                    self._on_event(event)
                else:
                    self.other = [*self.other, line.rstrip()][-20:]
        finally:
            transport.close()


def locate() -> Found:
    """The Packer to use: $NODEBAKE_PACKER and no other, else the first of PATH and the usual places that is Packer.

    Raises ToolError when there is none: not every distribution has it, and some have another program of its name.
    """
    if named := os.environ.get("NODEBAKE_PACKER"):
        candidates = [named]
    else:
        folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
        candidates = [*(str(Path(folder, "packer")) for folder in folders if folder), *_PLACES]
    real = [path for path in dict.fromkeys(candidates) if os.access(path, os.X_OK) and Path(path).is_file()]
    for path in real:
        if version := guest.run(_version(path)):
            return Found(path, version)
    raise errors.no_packer(real[0] if real else "", named or "")


def has_qemu(found: Found) -> bool:
    """Whether this Packer can make a QEMU image: by itself, or by a plugin that is installed. Raises ToolError."""
    if found.numbers < WITHOUT_QEMU:
        return True
    listed = proc.run([found.path, "plugins", "installed"], env={"CHECKPOINT_DISABLE": "1"}, timeout=ANSWER)
    return "packer-plugin-qemu" in listed


async def _version(path: str) -> str | None:
    """Its version, if it is HashiCorp's: asked in a way that only that one answers."""
    seen: list[str] = []

    def note(event: Event) -> None:
        if event.kind == "version" and event.data:
            seen.append(event.data[0].removeprefix("v"))

    try:
        async with asyncio.timeout(ANSWER):
            await Packer(path, note, Path("/"), {}).version()
    except (TimeoutError, OSError, errors.ToolError):
        return None
    return seen[0] if seen else None
