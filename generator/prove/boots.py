"""One fault, one boot: a copy of the good disk, the edits, a guest that observes itself.

A fault that only the raw image is predicted to tell of is read off it, and no guest is started.

The guest boots without cloud-init where nothing needs that (see guest/agent.py): the same observations in less than
half the CPU seconds. Otherwise by the seed that `verify` has.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

from generator import checks, data, distro, errors, guest, image_checks, observation, offline, render, verify
from generator.formats import observer
from generator.forms import reading
from generator.model import BasePin, Fault, Plan
from generator.offline import Disk
from generator.prove import sentences
from generator.prove.store import Told, plain

GUEST_MIB = 1024
# What a guest of 1024 MiB takes of the host under TCG, whose translations come on top (facts: 840 MB and more), and
# what the host should still have to keep the disks in memory.
_HOST_MIB = 2560


@dataclass(frozen=True, slots=True)
class Bench:
    """What all boots share: the good disk, raw, the observer's seed, and folders for copies and for console logs."""

    plan: Plan
    good: Disk
    seed: Path
    folder: Path
    logs: Path
    cpus: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A guest that did not come to its end, twice: why."""

    sentence: str
    seconds: float


def road(plan: Plan, fault: Fault) -> str:
    """By a credential where the base is known to take it, else by a seed. A disk is only grown by cloud-init."""
    built = distro.booted(plan.distro.id) and not isinstance(plan.profile.base, BasePin)
    seed = fault.needs_cloud_init or not built or plan.room_mib != 0
    return "seed" if seed else "credential"


def only_read(plan: Plan, fault: Fault) -> bool:
    """Whether no check of a boot is predicted to turn red, so that nothing has to be booted to see the fault."""
    seen = frozenset(expect.id for expect in checks.seen_by("image", plan.expects))
    return bool(fault.red) and fault.red <= seen


def jobs(meminfo: Path = Path("/proc/meminfo")) -> int:
    """How many guests of one CPU this host has cores and memory for."""
    rows = (line.split() for line in meminfo.read_text(encoding="ascii").splitlines())
    available_mib = next((int(row[1]) >> 10 for row in rows if row[0] == "MemAvailable:"), 0)
    return max(1, min(len(os.sched_getaffinity(0)), available_mib // _HOST_MIB))


async def watch(bench: Bench, fault: Fault) -> Told | Lost:
    """What a guest tells under a fault. One that does not come to its end has a second try: TCG loses a boot now and
    then (2 kernels in 36 found no timer on a busy host).

    Raises ToolError when the disk cannot be edited, GuestError only when QEMU itself went away.
    """
    began = time.monotonic()
    for last in (False, True):
        try:
            result, image = await _once(bench, fault)
        except errors.QemuEnded:
            raise
        except errors.GuestError as error:
            if last:
                return Lost(error.sentence, time.monotonic() - began)
        else:
            break
    lines = tuple(line.decode("utf-8", "replace") for line in result.lines) if result else ()
    return Told((*lines, *image), time.monotonic() - began, result.cpu_seconds if result else 0.0)


async def _once(bench: Bench, fault: Fault) -> tuple[guest.BootResult | None, tuple[str, ...]]:
    """What the guest told, if one is needed, and what the host read off the disk before any guest ran it."""
    disk = bench.folder / f"{plain(fault.id)}.raw"
    try:
        copy = await asyncio.to_thread(offline.again, bench.good, disk)
        offline.edit(copy, fault.edits)
        image = image_checks.lines(image_checks.observe(copy, bench.plan))
        if only_read(bench.plan, fault):
            return None, image
        if bench.plan.room_mib:
            os.truncate(disk, disk.stat().st_size + (bench.plan.room_mib << 20))
        return await _boot(bench, fault, disk), image
    finally:
        disk.unlink(missing_ok=True)


async def _boot(bench: Bench, fault: Fault, disk: Path) -> guest.BootResult:
    log = bench.logs / f"prove-{plain(fault.id)}.console.log"
    medium = bench.seed if road(bench.plan, fault) == "seed" else None
    machine = guest.Machine(
        disk=disk,
        disk_format="raw",
        seed=medium,
        name=f"{bench.plan.profile.name}: {fault.id}",
        cpus=bench.cpus,
        memory_mib=GUEST_MIB,
        net="user-restricted",
        port=observer.PORT,
    )
    if medium is None:
        return await _ask(machine, log, script(bench.plan))
    return await guest.boot_async(machine, log, until=_done, then="quit")


async def _ask(machine: guest.Machine, log: Path, script: str) -> guest.BootResult:
    """By a credential. What ends without the observer's last word has not observed all that it should."""
    try:
        result = await guest.ask_async(machine, log, script)
    finally:
        log.with_suffix(".tmpfiles").unlink(missing_ok=True)
    if not any(map(_done, result.lines)):
        raise sentences.unfinished(machine.name, str(log))
    return result


def bench(image: Path, plan: Plan, folder: Path, logs: Path, side_by_side: int) -> Bench:
    """Lay out what the boots share. Several guests of one CPU use a host better than as many of two each."""
    seed = folder / "seed.iso"
    seed.write_bytes(verify.observer_seed(plan, None))
    cpus = 1 if side_by_side > 1 else data.guest_cpus()
    reading.raw(image, good := folder / "good.raw")
    return Bench(plan, offline.find(good), seed, folder, logs, cpus)


def _done(line: bytes) -> bool:
    return observation.is_done(line.decode("utf-8", "replace"))


def script(plan: Plan) -> str:
    """The observer for a guest without cloud-init."""
    return render.raw("observer/settled.sh") + observer.script(plan)
