"""What a guest can do to the command: each ends with its exit code and its sentence, and no QEMU is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from generator import errors, guest, proc
from tests.conftest import ROOT
from tests.guest import sectors
from tests.processes import qemu_with

HOSTILE = {
    "a panic": (sectors.prints(b"\r\nKernel panic - not syncing: x\r\n"), "the kernel panicked"),
    "no root": (sectors.prints(b"\r\n(initramfs) "), "the initramfs did not find the root file system"),
    "an emergency shell": (sectors.prints(b"\r\nYou are in emergency mode."), "went to its emergency shell"),
    "a reboot loop": (sectors.prints(b"\r\nagain\r\n", sectors.RESET), r"rebooted \d times without a result"),
    "a power-off": (sectors.OFF, "powered itself off before it had given a result"),
    "no boot loader": (b"", "found nothing to boot"),
}
NAME = f"hostile-{os.getpid()}"


def _verify(code: bytes, work: Path) -> list[str]:
    """The command that verifies an image with this boot sector; of an empty disk without one."""
    raw, image, profile = work / "raw", work / "hostile.qcow2", work / "profile.yaml"
    sectors.disk(raw, code) if code else raw.write_bytes(bytes(1 << 20))
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image])
    profile.write_text(f"apiVersion: nodebake/v1\nname: {NAME}\nmodules: [overlay]\n")
    return [sys.executable, "-m", "generator", "verify", str(image), "--machine", "--profile", str(profile)]


@pytest.mark.parametrize("name", HOSTILE)
def test_verify(name: str, tmp_path: Path) -> None:
    code, sentence = HOSTILE[name]
    done = subprocess.run(_verify(code, tmp_path), capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == errors.GUEST, done.stderr
    assert done.stdout == ""
    assert re.search(f"^nodebake: {NAME}: .*{sentence}", done.stderr, re.M), done.stderr
    assert "Traceback" not in done.stderr
    assert qemu_with(NAME) == []


def test_a_qemu_that_runs_is_seen(tmp_path: Path) -> None:
    """What the others ask says something."""

    async def seen() -> list[str]:
        machine = guest.Machine(sectors.disk(tmp_path / "disk", sectors.HALT), "raw", name=NAME, cpus=1, memory_mib=32)
        async with guest.Guest(machine, tmp_path / "log"):
            return qemu_with(NAME)

    assert len(guest.run(seen())) == 1


def test_a_qemu_that_is_killed(tmp_path: Path) -> None:
    """By somebody, or by a host out of memory: named as such, for it says nothing of the image."""
    argv = _verify(sectors.HALT, tmp_path)
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "boot loader" in line:
                break
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(next(int(pid) for pid in children if "qemu" in Path("/proc", pid, "comm").read_text()), signal.SIGKILL)
        told = process.stderr.read()
    assert process.returncode == errors.GUEST
    assert f"nodebake: {NAME}: QEMU was killed by signal 9" in told
    assert qemu_with(NAME) == []
