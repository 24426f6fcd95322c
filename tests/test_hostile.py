"""What a guest can do to the command: each ends with its exit code and its sentence, and no QEMU is left."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator import errors, proc
from tests.conftest import HEAD, ROOT
from tests.guest import sectors

HOSTILE = {
    "a panic": (sectors.prints(b"\r\nKernel panic - not syncing: x\r\n"), "the kernel panicked"),
    "no root": (sectors.prints(b"\r\n(initramfs) "), "the initramfs did not find the root file system"),
    "an emergency shell": (sectors.prints(b"\r\nYou are in emergency mode."), "went to its emergency shell"),
    "a reboot loop": (sectors.prints(b"\r\nagain\r\n", sectors.RESET), r"rebooted \d times without a result"),
    "a power-off": (sectors.OFF, "powered itself off before it had given a result"),
    "no boot loader": (b"", "found nothing to boot"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_verify(name: str, tmp_path: Path) -> None:
    code, sentence = HOSTILE[name]
    raw, image, profile = tmp_path / "raw", tmp_path / "hostile.qcow2", tmp_path / "profile.yaml"
    sectors.disk(raw, code) if code else raw.write_bytes(bytes(1 << 20))
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image])
    profile.write_text(HEAD + "modules: [overlay]\n")
    argv = [sys.executable, "-m", "generator", "verify", image, "--machine", "--profile", profile]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        out, told = process.communicate()
    assert process.returncode == errors.GUEST, told
    assert out == ""
    assert re.search(f"^nodebake: [a-z-]+: .*{sentence}", told, re.M), told
    assert "Traceback" not in told
    assert _qemu_with(str(tmp_path)) == []


def _qemu_with(word: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if "qemu-system" in line and word in line:
            found.append(line)
    return found
