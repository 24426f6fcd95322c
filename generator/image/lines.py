"""Packer's machine-readable output: one event a line, `unix time,target,type,data...`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.guest import console

# packer/ui.go: what stands for the characters that would break the line. A backslash itself is not escaped, so the
# guest's own "\n" in two characters cannot be told from a newline.
_ESCAPES = (("%!(PACKER_COMMA)", ","), ("\\n", "\n"), ("\\r", "\r"))
# The build's name, which Packer puts before what it says itself (`==> `) and before what the guest says (4 spaces).
_PREFIX = re.compile(r"^(?:==> |    )?(?:[\w.-]+: )?")


@dataclass(frozen=True, slots=True)
class Event:
    """`target` is empty, or the build that it is about; `kind` is ui, version, error, artifact, ..."""

    target: str
    kind: str
    data: tuple[str, ...]

    @property
    def text(self) -> str:
        """What a ui line says, without the build's name, safe to show."""
        return console.clean(_PREFIX.sub("", self.data[-1]).encode()) if self.data else ""


def parse(line: str) -> Event | None:
    """None for what is no event: Packer's log, a usage text."""
    stamp, *fields = line.rstrip("\r\n").split(",")
    if not stamp.isdecimal() or len(fields) < 2:
        return None
    target, kind, *data = fields
    return Event(target, kind, tuple(_unescaped(item) for item in data))


def _unescaped(item: str) -> str:
    for escaped, plain in _ESCAPES:
        item = item.replace(escaped, plain)
    return item
