"""What runs guests on this host: KVM if it really does, else TCG (QEMU's own translator)."""

from __future__ import annotations

import functools
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generator import proc, scratch

QEMU = "qemu-system-x86_64"

# x86-64-v2, which is all that Debian and Ubuntu ask. Measured: with `max` a Debian boots a third slower than with this.
TCG_CPU = "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt"

# A working KVM answers in 0.1 s. A broken one aborts at once or runs so slowly that it is of no use.
PROBE_SECONDS = 2.0

# mov ecx,4000000h; dec ecx; jnz $-2; mov dx,f4; mov al,10; out dx,al; hlt; jmp $-1. Port f4 is isa-debug-exit, which
# ends QEMU with (value << 1) | 1. The loop takes a CPU 0.03 s. A KVM that emulates what it should run (kvm_pvm) once
# got through a sector without a loop in time, was believed, and then hung in a real kernel.
_CODE = bytes.fromhex("66 b9 00 00 00 04 66 49 75 fc ba f4 00 b0 10 ee f4 eb fd")
_ANSWER = (0x10 << 1) | 1


@dataclass(frozen=True, slots=True)
class Accel:
    """An accelerator, the CPU model that goes with it, and why it is this one (for doctor)."""

    name: Literal["kvm", "tcg"]
    cpu: str
    why: str


@functools.cache
def probe() -> Accel:
    """The accelerator of this host, found by running a guest of 512 bytes; asked once in a process.

    Raises ToolError when QEMU is not installed.
    """
    works, why = kvm_runs()
    return Accel("kvm", "host", why) if works else Accel("tcg", TCG_CPU, why)


def kvm_runs(device: Path = Path("/dev/kvm")) -> tuple[bool, str]:
    """Whether KVM executes guests, and how that was seen. A device that opens proves nothing."""
    if not device.exists():
        return False, f"there is no {device}"
    if not os.access(device, os.R_OK | os.W_OK):
        return False, f"{device} may not be opened by this user (is the user in the group kvm?)"
    return answers("kvm", "host")


def answers(accel: str, cpu: str, seconds: float = PROBE_SECONDS) -> tuple[bool, str]:
    """Whether a boot sector runs to its end under an accelerator within some seconds, and what was seen."""
    with scratch.folder(scratch.usual(), "nb.") as folder:
        sector = folder / "sector"
        sector.write_bytes(_CODE.ljust(510, b"\0") + b"\x55\xaa")
        began = time.monotonic()
        process = proc.start(_argv(accel, cpu, sector.name), cwd=folder)  # where an abort may leave its core
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False, f"{accel} did not run a guest of 512 bytes within {seconds:g} s"
        finally:
            proc.stop(process, grace=1.0)
    if code != _ANSWER:
        return False, f"{accel} is there but did not run a guest of 512 bytes: QEMU ended with {code}"
    return True, f"{accel} ran a guest of 512 bytes in {time.monotonic() - began:.2f} s"


def _argv(accel: str, cpu: str, sector: str) -> list[str]:
    """QEMU for the probe: nothing but a CPU, a disk, and a port through which the guest ends it."""
    board = [
        "-machine",
        "pc",
        "-accel",
        accel,
        "-cpu",
        cpu,
        "-m",
        "32",
        "-nodefaults",
        "-display",
        "none",
        "-no-reboot",
    ]
    disk = ["-drive", f"file={sector},format=raw,if=ide"]
    return [QEMU, *board, *disk, "-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
