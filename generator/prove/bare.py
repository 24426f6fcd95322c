"""The measure of what a proof costs: one boot of the image that nobody watches."""

from __future__ import annotations

import re
from pathlib import Path

from generator import data, guest, progress, scratch, seed
from generator.forms import reading
from generator.model import Plan

_EMPTY = {"user-data": b"#cloud-config\n{}\n", "meta-data": b'{"instance-id": "bare"}\n'}
_ENDED = re.compile(r"Cloud-init v\. \S+ finished")


def boot(image: Path, plan: Plan) -> guest.BootResult:
    """To cloud-init's end, with an empty NoCloud seed: a bare boot as benchmarks/road.py has it.

    Alone on the machine, so with as many CPUs as `verify` gives a guest.
    """
    with progress.task("a bare boot") as task, scratch.folder(scratch.usual(), "nodebake-bare.") as work:
        (work / "bare.iso").write_bytes(seed.write(_EMPTY))
        readable = reading.readable(image, work)
        machine = guest.Machine(
            disk=guest.overlay(readable.path, work / "bare.qcow2", readable.driver, plan.room_mib),
            seed=work / "bare.iso",
            cpus=data.guest_cpus(),
            net="user-restricted",
        )
        return guest.boot(machine, work / "bare.log", until=_ENDED, on_stage=task.say, then="quit")
