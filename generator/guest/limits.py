"""How long a guest may take, and how one that will never end is told from one that is only slow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# CPU seconds of QEMU, all its threads together. A boot with cloud-init takes about 65 under TCG; one boot at load 9
# took three times as long by the clock, but the same CPU seconds. Ten times is room for a guest with work to do.
CPU_SECONDS = 600.0

# Longer than the longest wait of a healthy boot: systemd-networkd-wait-online gives up after 120 s.
SILENCE = 150.0

# Share of one CPU. Measured under TCG: a Debian that waits for nothing uses 0.03 (timer ticks), and one that boots on a
# host at load 9 still gets 0.33.
IDLE_SHARE = 0.1

# For what neither of the two catches: a guest that ticks along, busier than idle, on a starved host.
WALL = 3600.0

# A Debian shuts down in 3 s; systemd kills a service that does not stop after 90 s.
POWERDOWN = 120.0

# A first boot may rightly reboot once or twice (a resized partition table, a new kernel).
RESETS = 3

_TICKS = os.sysconf("SC_CLK_TCK")

Verdict = Literal["hung", "cpu", "wall"]


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds; `cpu` in CPU seconds of QEMU, the others by the clock. `resets` counts reboots by the guest."""

    cpu: float = CPU_SECONDS
    silence: float = SILENCE
    wall: float = WALL
    powerdown: float = POWERDOWN
    resets: int = RESETS
    idle_share: float = IDLE_SHARE


def cpu_seconds(pid: int, proc: Path = Path("/proc")) -> float:
    """User and system time of a process with all its threads; 0 when it is gone. Fields 14 and 15 of proc(5)'s stat."""
    try:
        stat = (proc / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = stat.rpartition(")")[2].split()  # the command name, in parentheses, may hold spaces and parentheses
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Watchdog:
    """Judges a guest by the clock, by its CPU time, and by whether it was heard. Reads no clock of its own."""

    def __init__(self, limits: Limits, now: float, cpu: float = 0.0) -> None:
        self._limits = limits
        self._began = self._heard = now
        self._cpu_then = self.cpu = cpu

    def heard(self, now: float) -> None:
        """The guest has said something."""
        self._heard, self._cpu_then = now, self.cpu

    def look(self, now: float, cpu: float) -> Verdict | None:
        """What is wrong at the time `now`, when QEMU has used `cpu` seconds so far."""
        self.cpu = max(self.cpu, cpu)
        if self.cpu > self._limits.cpu:
            return "cpu"
        if now - self._began > self._limits.wall:
            return "wall"
        return "hung" if self._silent(now) else None

    def _silent(self, now: float) -> bool:
        """Whether a whole window of silence went by in idleness. A busy window only starts the next one."""
        window = now - self._heard
        if window < self._limits.silence:
            return False
        busy = self.cpu - self._cpu_then > self._limits.idle_share * window
        if busy:
            self.heard(now)
        return not busy
