"""What observe.sh prints -> Boot; the host's half of the protocol. Guests are not trusted: every line is checked."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from generator.formats import observer
from generator.model import Boot, Observation

Argv = tuple[str, ...]

# More than a line of observe.sh or diagnose.sh can be: they cut at 2 MiB, and base64 makes a third more of it.
LINE = 4 << 20


def is_done(line: str) -> bool:
    """Whether this line ends the observations of a boot."""
    return "done" in record(line)


def read(lines: Iterable[str], commands: Sequence[Argv]) -> Boot | None:
    """The boot that these lines tell of; None without a hello. What was made for other commands is foreign: by number,
    its answers would be taken for those to ours.

    Lines that are no records are passed over (a login banner over SSH); an observation that is missing stays missing.
    """
    boot_id, foreign, probed, ours = "", False, False, observer.digest(commands)
    seen: dict[Argv, Observation] = {}
    for found in map(record, lines):
        if "hello" in found:
            boot_id, seen = str(found.get("boot_id", "")), {}
            foreign, probed = found.get("commands") != ours, found.get("probes") is True
        elif boot_id and not foreign and (observation := _observation(found, commands)) is not None:
            seen[observation.argv] = observation
    return Boot(boot_id, seen, foreign=foreign, probed=probed) if boot_id else None


def record(line: str) -> dict[str, Any]:
    """What a line of the result port says; nothing where it is no record."""
    if len(line) > LINE or not line.startswith("{"):
        return {}
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _observation(record: dict[str, Any], commands: Sequence[Argv]) -> Observation | None:
    number, code, out = record.get("id"), record.get("code"), record.get("out")
    if not (isinstance(number, int) and isinstance(code, int) and isinstance(out, str)):
        return None
    if not 0 <= number < len(commands):
        return None
    try:
        return Observation(commands[number], code, base64.b64decode(out, validate=True))
    except ValueError:  # binascii.Error is one
        return None
