"""What may befall a guest, and the sentence for it. Told of events, bytes and times; does nothing of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from generator import errors
from generator.guest import sentences
from generator.guest.console import Console
from generator.guest.limits import Limits, Verdict, Watchdog

# A result is some 100 kB. More than this is a loop in the guest, and would end in this host's memory, of which a line
# takes so much beside its own bytes.
PORT_BYTES = 64 << 20
_LINE_BYTES = 64


class Fate:
    """One guest's fate, from its start to its end."""

    def __init__(self, name: str, log: Path, console: Console, limits: Limits, now: float) -> None:
        self._name, self._log, self._console, self._limits = name, log, console, limits
        self.watchdog = Watchdog(limits, now)
        self._verdict: Verdict | None = None
        self._port_bytes = 0
        self._panicked = False
        self._no_room = False
        self.resets = 0
        self.off: str | None = None

    def begin(self, limits: Limits, now: float) -> None:
        """From now on it is judged by other limits."""
        self._limits, self.watchdog = limits, Watchdog(limits, now, self.watchdog.cpu)

    def event(self, name: str, data: dict[str, object]) -> None:
        """A QMP event. A reset that the guest did not ask for (firmware, ourselves) is not counted."""
        if name == "RESET" and data.get("guest"):
            self.resets += 1
        elif name == "SHUTDOWN":
            self.off = self.off or str(data.get("reason"))  # our own quit, after it, is not the reason
        elif name == "GUEST_PANICKED":
            self._panicked = True
        elif name == "BLOCK_IO_ERROR" and data.get("nospace"):
            self._no_room = True  # QEMU has stopped the guest, which would be taken for hung

    def look(self, now: float, cpu: float) -> bool:
        """Look at the clock and at QEMU's CPU seconds; whether something is wrong."""
        self._verdict = self._verdict or self.watchdog.look(now, cpu)
        return self._verdict is not None

    def received(self, raw: bytes) -> bool:
        """Bytes came on the result port; whether there is still room for them."""
        self._port_bytes += len(raw) + _LINE_BYTES * raw.count(b"\n")
        return self._port_bytes <= PORT_BYTES

    @property
    def broken(self) -> bool:
        """Whether the guest itself has said that it is lost: more words may follow, and are worth a moment's wait."""
        return self._panicked or self._console.trouble is not None

    def error(self) -> errors.NodebakeError | None:
        """What went wrong, while QEMU still runs. This host's own trouble, then what the guest said of itself."""
        if self._no_room:
            return sentences.no_room_for_the_disk(self._name)
        if self.broken:
            return self._told(self._console.trouble or sentences.panicked)
        if self._verdict:
            return self._by_the_clock(self._verdict)
        if self.resets > self._limits.resets:
            return self._told(sentences.reboots, self.resets)
        if self._port_bytes > PORT_BYTES:
            return self._told(sentences.floods, PORT_BYTES >> 20)
        return None

    def ended(self, code: int, said: str) -> errors.NodebakeError:
        """What went wrong, now that QEMU has ended with `code` and said something on stderr."""
        if error := self.error():
            return error
        if self.off and self.off.startswith("guest") and code == 0:
            return self._told(sentences.went_off, self.off)
        return self._told(sentences.qemu_ended, code, said)

    def stays_on(self) -> errors.GuestError:
        """The guest did not follow its power button."""
        return self._told(sentences.stays_on, self._limits.powerdown)

    def _by_the_clock(self, verdict: Verdict) -> errors.GuestError:
        told = {
            "hung": partial(self._told, sentences.hung, self._limits.silence),
            "cpu": partial(self._told, sentences.busy, self._limits.cpu),
            "wall": partial(self._told, sentences.late, self._limits.wall),
        }
        return told[verdict]()

    def _told(self, sentence: Callable[..., errors.GuestError], *details: object) -> errors.GuestError:
        return sentence(self._name, *details, str(self._log), self._console.tail())
