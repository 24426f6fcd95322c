"""claims.yaml: what is said of a node, the verdict, and what must be seen with and without the setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("claims.yaml")
VERDICTS = ("true", "in part", "false", "out of date")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sides of a claim: which look it is (a section of what the guest told), and regular expressions.

    Each of `lines` is found in some line of that look, none of `never` in any.
    """

    look: str
    lines: tuple[str, ...]
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """`says` is who says it, and its words; `truth` what is so, in our words. `group` is the sentence it belongs to."""

    group: str
    says: str
    verdict: str
    truth: str
    there: Side
    absent: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """With the setting, and without it."""
        return self.there, self.absent


@dataclass(frozen=True, slots=True)
class Table:
    """`looks` says of each look what was the case."""

    looks: Mapping[str, str]
    claims: tuple[Claim, ...]


def load(path: Path = FILE) -> Table:
    """The table, in the order of the file."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    claims = (_claim(group, row) for group, rows in raw["claims"].items() for row in rows)
    return Table(raw["looks"], tuple(claims))


def _claim(group: str, row: Mapping[str, Any]) -> Claim:
    return Claim(group, row["says"], row["verdict"], row["truth"], _side(row["with"]), _side(row["without"]))


def _side(row: Mapping[str, Any]) -> Side:
    return Side(row["look"], tuple(row["lines"]), tuple(row.get("never", ())))
