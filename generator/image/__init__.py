"""The golden image: a base, what a profile makes of it, and Packer, which does it in a guest."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import data, errors, guest
from generator.guest.accel import Accel
from generator.image import login, packer, result, room
from generator.image.login import Road
from generator.image.machine import Machine
from generator.image.tale import Tale
from generator.model import Image
from generator.progress import Task

_TEMPLATE = "packer/build.pkr.hcl"
_OBSERVED = "observed"  # what observe.sh printed, brought out of the guest


def _anything(_lines: Sequence[str], _failed_step: str) -> None:
    """The judge of whoever gave none."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be baked.

    `upload` has apply.sh, observe.sh and files/, `out` is where the image shall be, `logs` is a folder for console.log
    and packer.log, `scratch` one in the file system of `out` for what is not finished (if not given, the one of `out`).
    `road` is how the login comes in: `credential` needs systemd 252 in the base, `seed` needs cloud-init. `name` must
    be a profile's: Packer would take `{{` in it for a template. `judge` gets what observe.sh printed, and the name of
    the step that failed, or nothing; what it raises keeps the image from being published. `put` gets the image, which
    is sound and in the file system of `scratch`, and puts it to `out` (if not given, as it is).
    """

    name: str
    base: Image
    upload: Path
    out: Path
    logs: Path
    accel: Accel
    task: Task
    needs_network: bool = False
    road: Road = "credential"
    cpus: int = 2
    memory_mib: int = 1024
    scratch: Path | None = None
    judge: Callable[[Sequence[str], str], None] = _anything
    put: Callable[[Image], None] | None = None


def build(request: Request) -> Image:
    """Bake the image; it is at `out` only when it is whole. Call it from the main thread.

    Raises ToolError (no Packer, or it failed), GuestError (the guest was lost) and what the judge raises. On any way
    out but success `out` is as it was, and no process, key or temporary file is left.
    """
    found = packer.locate()
    request.logs.mkdir(parents=True, exist_ok=True)
    request.out.parent.mkdir(parents=True, exist_ok=True)
    scratch = request.scratch or request.out.parent
    with room.work() as work, room.stage(scratch, request.out.name) as stage:
        room.preflight(stage, request.base.path)
        _furnish(work, stage, request)
        arguments = login.prepare(work, request.road)
        _baked(found, work, arguments, request)
        request.judge(_observed(work), "")
        request.task.say("checking the image")
        made = result.checked(stage / "image" / f"{request.name}.qcow2")
        (request.put or functools.partial(result.put, final=request.out))(made)
        return dataclasses.replace(made, path=request.out)


def _baked(found: packer.Found, work: Path, arguments: list[list[str]], request: Request) -> None:
    """Where QEMU slips, as it may with several CPUs that it emulates, it is baked once more from the base, with one."""
    try:
        guest.run(_bake(found, work, arguments, request))
    except errors.EmulatorSlipped as slip:
        if request.cpus == 1:
            raise
        request.task.say(guest.once_more(slip))
        guest.run(_bake(found, work, arguments, dataclasses.replace(request, cpus=1)))


def _furnish(work: Path, stage: Path, request: Request) -> None:
    """Give build.pkr.hcl what it expects in its folder."""
    shutil.copytree(data.PACKER, work / "packer")
    shutil.copytree(request.upload, work / "upload")
    (work / "base.qcow2").symlink_to(request.base.path.resolve())
    (work / "disk").symlink_to(stage.resolve(), target_is_directory=True)


async def _bake(found: packer.Found, work: Path, arguments: list[list[str]], request: Request) -> None:
    tale = Tale(request.task)
    machine = Machine(work, request.name, request.logs / "console.log", tale)
    try:
        _write_variables(work, request, arguments, await machine.listen())
        env = {"TMPDIR": str(work), "PACKER_CACHE_DIR": str(work / "cache")}
        env |= {"PACKER_LOG": "1", "PACKER_LOG_PATH": str((request.logs / "packer.log").resolve())}
        program = packer.Packer(found.path, machine.told, work, env)
        if await program.validate(_TEMPLATE, var_file="build.pkrvars.json") != 0:
            raise errors.packer_refused(found.version, tale.reason, found.numbers >= packer.WITHOUT_QEMU)
        code = await _beside(
            program.build(_TEMPLATE, var_file="build.pkrvars.json", on_error="cleanup"), machine.watch()
        )
        if code != 0:
            if tale.failed_step:
                request.judge(_observed(work), tale.failed_step)
            raise errors.bake_failed(tale.stage, tale.reason, list(tale.said), str(request.logs))
    finally:
        await machine.close()


def _observed(work: Path) -> list[str]:
    """Nothing where it did not come out: a judge who sees nothing finds nothing in order."""
    try:
        return (work / _OBSERVED).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


async def _beside(work: Coroutine[Any, Any, int], watch: Coroutine[Any, Any, None]) -> int:
    """The result of `work`, unless `watch` raises before. Whichever is left is cancelled, and waited for."""
    tasks = asyncio.create_task(work), asyncio.create_task(watch)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            await tasks[1]
        return await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _write_variables(work: Path, request: Request, arguments: list[list[str]], ssh_port: int) -> None:
    variables = {
        "name": request.name,
        "accelerator": request.accel.name,
        "cpu_model": request.accel.cpu,
        "cpus": request.cpus,
        "memory_mib": request.memory_mib,
        "ssh_port": ssh_port,
        "restrict": "off" if request.needs_network else "on",
        "login": arguments,
    }
    (work / "build.pkrvars.json").write_text(json.dumps(variables, indent=2), encoding="utf-8")
