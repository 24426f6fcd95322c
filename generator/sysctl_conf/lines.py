"""The assignments in one file, as its two readers see them. Any bytes are taken; a line that is nothing is passed over.

systemd: parse_file in src/sysctl/sysctl.c, the same in 252 and 257. procps: parse_setting_line in src/sysctl.c, 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.sysctl_conf.names import proc_path

_END_OF_LINE = re.compile(rb"\r\n?\0?|\n\r?\0?|\0")  # read_line() of systemd
_TOO_LONG = 1 << 20  # LONG_LINE_MAX: systemd reads no further in a file with such a line
_BLANKS, _C_BLANKS = " \t\r\n", " \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line: `path` is below /proc/sys and may be a glob; `value` None takes the path out of globs."""

    path: str
    value: str | None
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def by_systemd(file: str, content: bytes) -> Iterator[Assignment]:
    """As systemd-sysctl reads a file."""
    for number, raw in enumerate(_END_OF_LINE.split(content), 1):
        if len(raw) >= _TOO_LONG:
            return
        yield from _parsed(file, number, _text(raw).strip(_BLANKS), _BLANKS)


def by_procps(file: str, content: bytes) -> Iterator[Assignment]:
    """As sysctl(8) reads a file: up to two dashes are taken off a name, and a blank behind one is part of it."""
    for number, raw in enumerate(content.split(b"\n"), 1):
        text = _text(raw.partition(b"\0")[0]).strip(_C_BLANKS)
        text = text.removeprefix("-") if text.startswith("--") else text
        if not (text.startswith("-") and text[1:2] in _C_BLANKS):
            yield from _parsed(file, number, text, _C_BLANKS)


def _parsed(file: str, number: int, text: str, blanks: str) -> Iterator[Assignment]:
    """None or one; a dash before a name with a value only says that a failure to set it is none."""
    if not text or text[0] in "#;" or not ("=" in text or text[0] == "-"):
        return
    name, equals, value = text.partition("=")
    if path := proc_path(name.removeprefix("-").strip(blanks)):
        yield Assignment(path, value.strip(blanks) if equals else None, file, number)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
