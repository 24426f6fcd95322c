"""Real guests of 512 bytes: each way to fail has its sentence, and no QEMU is left after any of them."""

import asyncio
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import errors
from generator.guest import Guest, Limits, Machine, boot, boot_async, engine, overlay, run, side_by_side
from tests.conftest import ROOT
from tests.guest import sectors

HELLO = sectors.prints(b"\r\nHELLO\r\n")
READY = re.compile("HELLO")
NEVER = re.compile("it never says this")


def machine(tmp_path: Path, code: bytes) -> Machine:
    disk = sectors.disk(tmp_path / "disk", code)
    return Machine(disk, "raw", name="node-1", cpus=1, memory_mib=32)


@pytest.fixture(autouse=True)
def no_qemu_is_left() -> Iterator[None]:
    yield
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    left = [pid for pid in children if "qemu" in Path("/proc", pid, "comm").read_text()]
    assert not left


def failure(tmp_path: Path, code: bytes, limits: Limits | None = None) -> errors.GuestError:
    with pytest.raises(errors.GuestError) as caught:
        boot(machine(tmp_path, code), tmp_path / "log", until=NEVER, limits=limits or Limits())
    assert caught.value.exit_code == errors.GUEST
    assert str(tmp_path / "log") in caught.value.sentence
    assert "Booting from Hard Disk" in caught.value.sentence  # the last lines
    assert caught.value.hint
    return caught.value


def test_a_line_on_the_console(tmp_path: Path) -> None:
    stages: list[str] = []
    result = boot(machine(tmp_path, HELLO), tmp_path / "log", until=READY, then="quit", on_stage=stages.append)
    assert result.console_tail.endswith("HELLO")
    assert stages == ["firmware", "boot loader"]
    assert (result.lines, result.resets) == ((), 0)
    assert result.cpu_seconds > 0
    assert 0 < result.seconds < 30
    assert "HELLO" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("code", "limits", "sentence"),
    [
        (sectors.prints(b"\r\nKernel panic - not syncing: x\r\nreason"), None, "the kernel panicked"),
        (sectors.prints(b"\r\n(initramfs) "), None, "initramfs did not find the root"),
        (sectors.prints(b"\r\n\x1b[0mYou are in emergency mode."), None, "emergency shell"),
        (sectors.prints(b"\r\ngrub rescue> "), None, "nothing to boot"),
        (sectors.HALT, Limits(silence=6, idle_share=0.5), "silent and idle for 6 s"),
        (sectors.SPIN, Limits(cpu=1), "used up 1 CPU seconds"),
        (sectors.SPIN, Limits(wall=1), "no result after 1 s"),
        (sectors.prints(b"\r\nagain\r\n", sectors.RESET), None, "rebooted [45] times"),
        (sectors.OFF, None, r"powered itself off before it had given a result \(guest-shutdown\)"),
    ],
)
def test_failures(tmp_path: Path, code: bytes, limits: Limits | None, sentence: str) -> None:
    assert re.search(f"^node-1: .*{sentence}", failure(tmp_path, code, limits).sentence)


def test_last_words_of_a_panic_are_told(tmp_path: Path) -> None:
    code = sectors.prints(b"\r\nKernel panic - not syncing: x\r\nthe reason why\r\n")
    assert "the reason why" in failure(tmp_path, code).sentence


def test_a_busy_guest_is_not_hung(tmp_path: Path) -> None:
    failed = failure(tmp_path, sectors.SPIN, Limits(silence=3, cpu=6))
    assert "CPU seconds" in failed.sentence


def test_an_empty_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(1 << 20))
    with pytest.raises(errors.GuestError, match="nothing to boot"):
        boot(Machine(disk, "raw", cpus=1, memory_mib=32), tmp_path / "log", until=NEVER)


def test_reboots_are_counted(tmp_path: Path) -> None:
    """The same disk fails above by its fourth: here it may reboot as often as it likes, and is counted."""

    async def work() -> int:
        code = sectors.prints(b"\r\nagain\r\n", sectors.RESET)
        async with Guest(machine(tmp_path, code), tmp_path / "log", limits=Limits(resets=1000)) as guest:
            for _ in range(4):
                await guest.wait_console("again")
            return guest.result().resets

    assert run(work()) >= 3


def test_a_result_just_before_the_power_off_counts(tmp_path: Path) -> None:
    code = sectors.prints(b"\r\nHELLO\r\n", sectors.OFF)
    result = boot(machine(tmp_path, code), tmp_path / "log", until=READY)
    assert "HELLO" in result.console_tail


def test_a_guest_that_does_not_follow_its_power_button(tmp_path: Path) -> None:
    with pytest.raises(errors.GuestError, match="still on 0 s after its power button"):
        boot(machine(tmp_path, HELLO), tmp_path / "log", until=READY, limits=Limits(powerdown=0.4))


def test_qemu_that_refuses_its_command_line(tmp_path: Path) -> None:
    with pytest.raises(errors.GuestError, match=r"QEMU ended with exit code 1: .*missing"):
        boot(Machine(tmp_path / "missing"), tmp_path / "log", until=NEVER)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSEGV])
def test_qemu_that_is_killed(tmp_path: Path, signum: int) -> None:
    async def work() -> None:
        async with Guest(machine(tmp_path, HELLO), tmp_path / "log") as guest:
            await guest.wait_console(READY)
            os.kill(guest.pid, signum)
            await guest.wait_console(NEVER)

    with pytest.raises(errors.GuestError, match=f"QEMU was killed by signal {signum:d}"):
        run(work())


def test_qemu_that_stands_still_is_ended(tmp_path: Path) -> None:
    async def work() -> None:
        limits = Limits(silence=0.5)
        async with Guest(machine(tmp_path, HELLO), tmp_path / "log", limits=limits) as guest:
            os.kill(guest.pid, signal.SIGSTOP)
            await guest.wait_console(NEVER)

    with pytest.raises(errors.GuestError, match="silent and idle"):
        run(work())


def test_the_callers_error_comes_through(tmp_path: Path) -> None:
    def told(stage: str) -> None:
        raise RuntimeError(stage)

    with pytest.raises(RuntimeError, match="firmware"):
        boot(machine(tmp_path, HELLO), tmp_path / "log", until=NEVER, on_stage=told)


def test_side_by_side(tmp_path: Path) -> None:
    def one(number: int) -> Machine:
        folder = tmp_path / str(number)
        folder.mkdir()
        return machine(folder, sectors.prints(b"\r\nHELLO %d\r\n" % number))

    machines = [one(number) for number in range(4)]
    number = re.compile(r"HELLO \d")
    work = [
        lambda each=each: boot_async(each, each.disk.with_name("log"), until=number, then="quit") for each in machines
    ]
    results = run(side_by_side(work, at_once=2))
    assert [result.console_tail[-7:] for result in results] == ["HELLO 0", "HELLO 1", "HELLO 2", "HELLO 3"]


def test_one_that_fails_ends_the_others(tmp_path: Path) -> None:
    up = asyncio.Event()

    async def fails() -> None:
        await up.wait()
        raise errors.GuestError("failed")

    async def lasts() -> None:
        async with Guest(machine(tmp_path, HELLO), tmp_path / "log") as guest:
            await guest.wait_console(READY)
            up.set()
            await guest.wait_console(NEVER)

    with pytest.raises(errors.GuestError, match="failed"):
        run(side_by_side([lasts, fails]))


@pytest.mark.parametrize("name", ["a,b", "a:b", "a b", "naïve-節", "a'b\"c", "new\nline", "json:{}"])
def test_disks_with_every_kind_of_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    image = sectors.disk(folder / name, HELLO)
    before = hashlib.sha256(image.read_bytes()).digest()
    top = overlay(image, folder / f"{name}.qcow2", "raw")
    guest = Machine(top, seed=image, name=name, cpus=1, memory_mib=32)
    assert "HELLO" in boot(guest, folder / "log", until=READY, then="quit").console_tail
    assert hashlib.sha256(image.read_bytes()).digest() == before


def test_a_temporary_folder_with_a_long_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert "HELLO" in boot(machine(tmp_path, HELLO), tmp_path / "log", until=READY, then="quit").console_tail


def test_qmp_commands(tmp_path: Path) -> None:
    async def work() -> object:
        async with Guest(machine(tmp_path, HELLO), tmp_path / "log") as guest:
            return await guest.execute("query-status")

    status = run(work())
    assert isinstance(status, dict)
    assert status["status"] == "running"


@pytest.mark.boots
def test_uefi_finds_nothing_on_a_bios_disk(tmp_path: Path) -> None:
    disk = sectors.disk(tmp_path / "disk", HELLO)
    with pytest.raises(errors.GuestError, match="nothing to boot"):
        boot(Machine(disk, "raw", cpus=1, memory_mib=64, firmware="uefi"), tmp_path / "log", until=NEVER)


def test_a_cancelled_guest_is_ended(tmp_path: Path) -> None:
    async def work() -> int:
        guest = Guest(machine(tmp_path, HELLO), tmp_path / "log")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1), guest:
                await guest.wait_console(NEVER)
        return guest.pid

    assert not Path("/proc", str(run(work()))).exists()


@pytest.mark.parametrize("raw", [b"x" * 2000, b"\n" * 20], ids=["bytes", "lines"])
def test_a_flood_on_the_port_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("generator.guest.fate.PORT_BYTES", 1000)
    started, engines = engine.Engine.start, list[engine.Engine]()

    async def talkative(self: engine.Engine) -> None:
        await started(self)
        engines.append(self)
        for _ in range(1000):
            self._received(raw)

    monkeypatch.setattr(engine.Engine, "start", talkative)
    with pytest.raises(errors.GuestError, match="on its result port") as caught:
        boot(machine(tmp_path, HELLO), tmp_path / "log", until=NEVER)
    assert caught.value.exit_code == errors.GUEST
    assert engines[0].port.lines == []  # what is too much is not kept


def test_no_room_for_the_log(tmp_path: Path) -> None:
    with pytest.raises(errors.ToolError, match=r"cannot be written to /dev/full: No space left on device") as caught:
        boot(machine(tmp_path, HELLO), Path("/dev/full"), until=NEVER)
    assert caught.value.exit_code == errors.TOOL


ON_A_FULL_DISK = """
import sys
from pathlib import Path
from generator import errors
from generator.guest import Machine, boot, overlay

disk = overlay(Path(sys.argv[1]), Path(sys.argv[2], "top.qcow2"), "raw", room_mib=200)
try:
    boot(Machine(disk, name="node-1", cpus=1, memory_mib=32), Path(sys.argv[3]), until=lambda line: False)
except errors.NodebakeError as error:
    print(error.exit_code, error.sentence)
"""


def test_no_room_for_the_disk(tmp_path: Path) -> None:
    """On a tmpfs of its own, in namespaces that any user may have. QEMU stops such a guest, as if it were hung."""
    disk, small = sectors.disk(tmp_path / "disk", sectors.WRITE), tmp_path / "small"
    small.mkdir()
    mounted = 'mount -t tmpfs -o size=512k tmpfs "$1" && shift && exec "$@"'
    inside = [sys.executable, "-c", ON_A_FULL_DISK, disk, small, tmp_path / "log"]
    argv = ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, "sh", small, *inside]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == "3 node-1: this host has no room left for what it writes to its disk\n", done.stderr
