"""The watchdog by a made-up clock, and the CPU seconds of a process."""

import os
import resource
from pathlib import Path

import pytest

from generator.guest.console import Console
from generator.guest.fate import Fate
from generator.guest.limits import Limits, Watchdog, cpu_seconds

LIMITS = Limits(cpu=50, silence=10, wall=100, idle_share=0.02)


def test_a_debian_that_waits_is_idle() -> None:
    """Measured: 11 CPU seconds in 362, at a login prompt under TCG; and 34 in 105 while it boots on a busy host."""
    waiting, booting = Watchdog(Limits(), now=0), Watchdog(Limits(), now=0)
    assert waiting.look(362, 11) == "hung"
    assert booting.look(160, 160 * 34 / 105) is None


@pytest.mark.parametrize("name", ["qemu-system-x86", "a) R 1 (b", "with space", ""])
def test_stat(tmp_path: Path, name: str) -> None:
    (tmp_path / "42").mkdir()
    fields = f"42 ({name}) S 1 2 3 0 -1 4194560 10 11 12 13 700 50 9 9 20 0 4 0 123 456"
    (tmp_path / "42" / "stat").write_text(fields)
    assert cpu_seconds(42, tmp_path) == pytest.approx(750 / os.sysconf("SC_CLK_TCK"))


def test_stat_of_this_process() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert cpu_seconds(os.getpid()) == pytest.approx(used.ru_utime + used.ru_stime, abs=0.1)


def test_a_process_that_is_gone_used_nothing(tmp_path: Path) -> None:
    assert cpu_seconds(42, tmp_path) == 0


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        ([(9, 0.1)], None),
        ([(11, 0.1)], "hung"),
        ([(11, 5)], None),  # busy: not hung
        ([(11, 5), (12, 5.01)], None),  # ... and the next window has only begun
        ([(11, 5), (22, 5.1)], "hung"),
        ([(5, 51)], "cpu"),
        ([(5, 49), (6, 0)], None),
        ([(99, 20), (101, 30)], "wall"),
    ],
)
def test_verdicts(looks: list[tuple[float, float]], verdict: str | None) -> None:
    dog = Watchdog(LIMITS, now=0)
    found = None
    for now, cpu in looks:
        found = dog.look(now, cpu)
    assert found == verdict


def test_being_heard_starts_the_silence_anew() -> None:
    dog = Watchdog(LIMITS, now=0)
    dog.look(9, 0)
    dog.heard(9)
    assert dog.look(18, 0) is None
    assert dog.look(19.5, 0) == "hung"


def test_limits_that_begin_later(tmp_path: Path) -> None:
    """A build's guest has a login: what it has used so far, and what it may be silent for, count no more."""
    console = Console(tmp_path / "log", lambda _stage: None)
    fate = Fate("node", tmp_path / "log", console, LIMITS, now=0)
    assert not fate.look(9, 49)
    fate.begin(Limits(cpu=float("inf"), silence=1800, wall=4000), now=9)
    assert not fate.look(1800, 60)
    assert not fate.look(1810, 1000)
    assert fate.look(3700, 1010)
    assert fate.error() is not None
    assert "1800" in str(fate.error())
    console.close()
