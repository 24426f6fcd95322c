"""QEMU guests: what runs them, how one is booted and heard, and how it is told that one never will come up."""

from generator.guest.accel import Accel, probe
from generator.guest.agent import ask_async
from generator.guest.guest import BootResult, Guest, boot_async
from generator.guest.limits import Limits
from generator.guest.qemu import Machine, overlay
from generator.guest.run import ask, boot, run, side_by_side
from generator.guest.segment import Lease, Segment, segment
from generator.guest.sentences import once_more

__all__ = [
    "Accel",
    "BootResult",
    "Guest",
    "Lease",
    "Limits",
    "Machine",
    "Segment",
    "ask",
    "ask_async",
    "boot",
    "boot_async",
    "once_more",
    "overlay",
    "probe",
    "run",
    "segment",
    "side_by_side",
]
