"""The real Packer and QEMU with guests of 512 bytes that are lost: Packer would wait an hour for each."""

import dataclasses
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import errors, image
from tests.guest import sectors
from tests.image import fakes

PROGRAM = """
import sys
from pathlib import Path
from generator import image
from tests.image import fakes
image.build(fakes.request(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def qcow2(folder: Path, code: bytes) -> Path:
    raw = sectors.disk(folder / "raw", code)
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(folder / "base.qcow2")], check=True)
    return folder / "base.qcow2"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (sectors.prints(b"\r\nKernel panic - not syncing: no init\r\n"), "node: the kernel panicked"),
        (sectors.prints(b"\r\n(initramfs) "), "the initramfs did not find the root"),
        (sectors.prints(b"\r\nbye\r\n", sectors.OFF), "node: powered itself off"),
    ],
    ids=["panic", "initramfs", "off"],
)
def test_a_lost_guest_is_named_soon(tmp_path: Path, scratch: Path, code: bytes, sentence: str) -> None:
    began = time.monotonic()
    with pytest.raises(errors.GuestError, match=sentence):
        image.build(fakes.request(tmp_path, qcow2(tmp_path, code)))
    assert time.monotonic() - began < 600  # on however busy a host; Packer by itself would wait an hour
    assert not list(scratch.iterdir())
    assert not list((tmp_path / "out").iterdir())


def test_where_qemu_slips_it_is_baked_once_more_with_one_cpu(tmp_path: Path, scratch: Path) -> None:
    code = sectors.by_cpus(b"\r\nOops: int3: 0000 [#1]\r\n", b"\r\nKernel panic - not syncing: of one CPU\r\n")
    request = dataclasses.replace(fakes.request(tmp_path, qcow2(tmp_path, code)), cpus=2)
    with pytest.raises(errors.GuestError, match=r"the kernel panicked(?s:.*)of one CPU"):
        image.build(request)
    assert not list(scratch.iterdir())
    assert not list((tmp_path / "out").iterdir())


def _guests_in(folder: Path) -> list[str]:
    """The guests that run in a folder, whoever started them; Packer also asks QEMU for its version."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            if (process / "cwd").readlink().is_relative_to(folder) and "qemu" in (process / "comm").read_text():
                found += [process.name] if b"-drive" in words else []
        except OSError:
            continue
    return found


def _until(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (seen := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return seen


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_qemu_ends_with_us(tmp_path: Path, scratch: Path, signum: int) -> None:
    base = qcow2(tmp_path, sectors.prints(b"\r\nHELLO\r\n", sectors.SPIN))
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), str(base)])
    try:
        assert _until(lambda: bool(_guests_in(scratch)), 300), "QEMU never ran"
        time.sleep(1)
    finally:
        process.send_signal(signum)
        process.wait(60)
    assert _until(lambda: not _guests_in(scratch), 10)
    if signum != signal.SIGKILL:  # whose leavings the next build sweeps
        assert not list(scratch.iterdir())
        assert not list((tmp_path / "out").iterdir())
