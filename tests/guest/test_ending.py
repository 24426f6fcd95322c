"""However nodebake ends, QEMU ends with it, and nothing of it is left in the temporary folder."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guest import sectors

PROGRAM = """
import sys
from pathlib import Path
from generator.guest import Guest, Machine, run

async def work():
    async with Guest(Machine(Path(sys.argv[1]), "raw", cpus=1, memory_mib=32), Path(sys.argv[2])) as guest:
        await guest.wait_console("HELLO")
        print(guest.pid, flush=True)
        await guest.wait_console("never")

run(work())
"""


def started(tmp_path: Path) -> tuple[subprocess.Popen[str], int]:
    """A nodebake that waits for its guest, and a pidfd of the guest's QEMU."""
    disk = sectors.disk(tmp_path / "disk", sectors.prints(b"\r\nHELLO\r\n"))
    argv = [sys.executable, "-c", PROGRAM, str(disk), str(tmp_path / "log")]
    (tmp_path / "tmp").mkdir()
    ours = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ours)
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, process.communicate()[1]
    return process, os.pidfd_open(int(said))


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_qemu_ends_with_us(tmp_path: Path, signum: int, code: int) -> None:
    process, qemu = started(tmp_path)
    process.send_signal(signum)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code, errors
    assert select.select([qemu], [], [], 10)[0], "QEMU still runs"
    os.close(qemu)
    if signum != signal.SIGKILL:  # which leaves nobody to tidy up
        assert not list((tmp_path / "tmp").iterdir())


def test_sigterm_says_nothing_more(tmp_path: Path) -> None:
    process, qemu = started(tmp_path)
    os.close(qemu)
    process.terminate()
    assert process.communicate(timeout=30) == ("", "")
