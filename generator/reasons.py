"""reasons.yaml: why a value stands on a node, and what breaks without it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("reasons.yaml")


@dataclass(frozen=True, slots=True)
class Reason:
    """One row."""

    why: str
    breaks: str


_ASKED_FOR = Reason("the profile asks for it", "the node is not what the profile says")


def reason(setting: str, key: str) -> Reason:
    """The row of one value; a value that nobody wrote a row for is there because the profile says so."""
    return _rows().get((setting, key), _ASKED_FOR)


@functools.cache
def _rows() -> dict[tuple[str, str], Reason]:
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {(setting, key): Reason(**row) for setting, rows in raw.items() for key, row in rows.items()}
