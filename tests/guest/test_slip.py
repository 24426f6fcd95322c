"""Where QEMU slips: told from a panic, and booted once more with one CPU while nothing is lost by that."""

import dataclasses
from pathlib import Path

import pytest

from generator import errors
from generator.guest import boot, engine
from tests.guest import sectors
from tests.guest.test_guest import READY, machine, no_qemu_is_left  # noqa: F401 - the fixture is for every test here

SLIP = b"\r\n[    4.0] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n[    4.1] Kernel panic - not syncing: x\r\n"


def test_where_qemu_slips_it_is_booted_once_more_with_one_cpu(tmp_path: Path) -> None:
    stages: list[str] = []
    two = dataclasses.replace(machine(tmp_path, sectors.by_cpus(SLIP, b"\r\nHELLO\r\n")), cpus=2)
    result = boot(two, tmp_path / "log", until=READY, then="quit", on_stage=stages.append)
    assert result.console_tail.endswith("HELLO")
    said = "the kernel met a breakpoint (int3) that it had taken away already: QEMU's fault, once more with one CPU"
    assert stages == ["firmware", "boot loader", said, "firmware", "boot loader"]
    assert "int3" in (tmp_path / "log.slipped").read_text()
    assert "int3" not in (tmp_path / "log").read_text()


def test_a_second_start_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the first is, and the guest that was is ended twice, which hurts nobody."""
    start, started = engine.Engine.start, []

    async def once(this: engine.Engine) -> None:
        started.append(this)
        if len(started) > 1:
            raise errors.ToolError("no room for a socket")
        await start(this)

    monkeypatch.setattr(engine.Engine, "start", once)
    two = dataclasses.replace(machine(tmp_path, sectors.by_cpus(SLIP, b"")), cpus=2)
    with pytest.raises(errors.ToolError, match="no room for a socket"):
        boot(two, tmp_path / "log", until=READY)
    assert len(started) == 2


@pytest.mark.parametrize(
    ("cpus", "greeting"), [(1, b""), (2, b"\r\nWelcome to Debian!\r\n")], ids=["of one CPU", "after its disk was there"]
)
def test_a_slip_that_is_none_or_comes_late_is_the_end(tmp_path: Path, cpus: int, greeting: bytes) -> None:
    code = sectors.by_cpus(greeting + SLIP, (greeting + SLIP) if cpus == 1 else b"\r\nHELLO\r\n")
    with pytest.raises(errors.EmulatorSlipped, match="node-1: the kernel met a breakpoint") as caught:
        boot(dataclasses.replace(machine(tmp_path, code), cpus=cpus), tmp_path / "log", until=READY)
    assert "NODEBAKE_GUEST_CPUS=1" in str(caught.value.hint)
