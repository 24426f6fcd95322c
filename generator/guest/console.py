"""What a guest says on its serial console: made safe to show, kept in a log, and read for its meaning."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from generator import errors
from generator.guest import sentences

TAIL_LINES = 15

# More than any boot says (a Debian with cloud-init: 60 kB). What comes after is read, but no longer logged.
LOG_BYTES = 64 << 20

# A line without an end must not grow without end.
_LINE_BYTES = 16 << 10

# ECMA-48: control strings (OSC, DCS, ...), then CSI sequences, then two-character escapes.
_STRING = re.compile(r"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)")
_MOVE = re.compile(r"\x1b\[[0-9;?]*[ABEFHJdf]")  # the cursor goes elsewhere: what follows is another line
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]")
# What is left of C0, DEL and C1, and the characters that reorder or break a line on a terminal.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# What a stage is called, and how it looks. In the order of a boot; the first group, if any, is its name.
STAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("firmware", re.compile(r"SeaBIOS|^BdsDxe: ", re.M)),
    ("boot loader", re.compile(r"GNU GRUB|Booting from Hard Disk|Welcome to GRUB")),
    ("kernel", re.compile(r"Linux version \d|^Booting `|Loading Linux", re.M)),
    ("", re.compile(r"Welcome to ((?!GRUB|emergency|rescue).{1,60})!")),
    ("network", re.compile(r"Reached target .*network-online")),
    ("multi-user", re.compile(r"Reached target .*multi-user")),
    ("cloud-init finished", re.compile(r"Cloud-init v\. .* finished")),
    ("login prompt", re.compile(r"login: ?$", re.M)),
)

Sentence = Callable[[str, str, str], errors.GuestError]

# How a guest looks that will not come up. Prompts stand at the start of a line, so that a log that mentions one is not
# one. GRUB's own `error:` lines are not here: many are harmless (a missing locale), and the bad ones end in its prompt.
TROUBLES: Mapping[re.Pattern[str], Sentence] = {
    # The kernel patches its code by way of a breakpoint. Only since 8.1 QEMU locks a page of code before it translates
    # it (its commit deba78709ae8); before, one CPU may still run what another has replaced.
    re.compile(r"\bint3: 0000 \[#\d+\]"): sentences.slipped,
    re.compile(r"Kernel panic - not syncing"): sentences.panicked,
    re.compile(
        r"^grub(?: rescue)?>|^Entering rescue mode\.\.\.|^No bootable device|^BdsDxe: No bootable option"
        r'|^BdsDxe: starting Boot\d+ "EFI Internal Shell"',  # where OVMF ends up, polling its serial port without end
        re.M,
    ): sentences.no_boot,
    re.compile(r"^\(initramfs\)|Gave up waiting for root|dracut-emergency|^dracut:/#", re.M): sentences.no_root,
    re.compile(
        r"^You are in (?:emergency|rescue) mode|^Entering emergency mode|^Welcome to (?:emergency|rescue) mode"
        r"|^Give root password for maintenance|^Press Enter for (?:maintenance|emergency shell)"
        r"|^Cannot open access to console, the root account is locked|Reached target .*(?:emergency|rescue)\.target",
        re.M,
    ): sentences.rescue_shell,
}


def clean(raw: bytes) -> str:
    """Console bytes as text that is safe on a terminal: no escapes, no control characters but newline and tab."""
    text = raw.decode("utf-8", "replace")
    text = _ESCAPE.sub("", _MOVE.sub("\n", _STRING.sub("", text)))
    return _UNSAFE.sub("", text.replace("\r", "\n"))


def trouble(text: str) -> Sentence | None:
    """The sentence for cleaned console text, if there is trouble in it."""
    return next((sentence for pattern, sentence in TROUBLES.items() if pattern.search(text)), None)


class Console:
    """Takes console bytes as they come; keeps the last lines, writes the log, tells stages and the first trouble."""

    def __init__(self, log: Path, on_stage: Callable[[str], None]) -> None:
        """`log` is written anew: cleaned lines, each with the seconds since the guest was started."""
        self._log = log.open("w", encoding="utf-8")
        self._on_stage = on_stage
        self._stages = list(STAGES)
        self._began = time.monotonic()
        self._partial = b""
        self._lines: deque[str] = deque(maxlen=200)
        self._unread: deque[str] = deque(maxlen=10_000)
        self._found_unfinished = False
        self.trouble: Sentence | None = None

    @property
    def in_userspace(self) -> bool:
        """Whether the disk's own init has greeted; before it does, nothing of that disk has been written."""
        return all(name for name, _ in self._stages)

    def feed(self, raw: bytes) -> None:
        """Take some bytes. A prompt has no newline, so the unfinished line is looked at too."""
        self._partial += raw
        text = clean(self._partial)
        self._stage(text)
        self.trouble = self.trouble or trouble(text)
        cut = max(self._partial.rfind(b"\n"), self._partial.rfind(b"\r")) + 1
        if len(self._partial) - cut > _LINE_BYTES:
            cut = len(self._partial)
        self._keep(self._partial[:cut])
        self._partial = self._partial[cut:]

    def find(self, pattern: re.Pattern[str]) -> str | None:
        """The first line not asked about before in which `pattern` is found, or the unfinished line if it is there."""
        while self._unread:
            if pattern.search(line := self._unread.popleft()):
                return line
        unfinished = "" if self._found_unfinished else clean(self._partial)
        self._found_unfinished |= bool(found := pattern.search(unfinished))
        return unfinished if found else None

    def tail(self, count: int = TAIL_LINES) -> str:
        """The last lines that were not empty."""
        unfinished = [line for line in clean(self._partial).splitlines() if line.strip()]
        return "\n".join([*self._lines, *unfinished][-count:])

    def close(self) -> None:
        """Write what is left and close the log. One that is cut short for want of room was told of, or lost no more."""
        if not self._log.closed:
            with suppress(OSError, errors.ToolError):
                self._keep(self._partial)
            self._partial = b""
            with suppress(OSError):
                self._log.close()

    def _keep(self, raw: bytes) -> None:
        lines = [line.rstrip() for line in clean(raw).splitlines() if line.strip()]
        self._lines.extend(lines)
        if lines:
            self._unread.extend(lines[1:] if self._found_unfinished else lines)
            self._found_unfinished = False
        if lines:
            self._write(lines)

    def _write(self, lines: Iterable[str]) -> None:
        stamp = f"{time.monotonic() - self._began:8.2f}  "
        try:
            if self._log.tell() < LOG_BYTES:
                self._log.writelines(f"{stamp}{line}\n" for line in lines)
                self._log.flush()
        except OSError as error:
            raise sentences.no_room_for_the_log(self._log.name, error.strerror or str(error)) from None

    def _stage(self, text: str) -> None:
        """Tell each stage once. One that was passed over (its line scrolled by unseen) is not told later."""
        seen = [(place, found) for place, (_, pattern) in enumerate(self._stages) if (found := pattern.search(text))]
        for place, found in seen:
            self._on_stage(self._stages[place][0] or found[1])
        if seen:
            del self._stages[: seen[-1][0] + 1]
