"""differences.yaml: the one table of what may differ between the roads, and its page for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("differences.yaml")
ROADS = ("user-data", "bootstrap", "image")
EACH = "each"
_HEAD = """\
# Three roads, one node

Made by `make roads` from [differences.yaml](../tests/roads/differences.yaml); it is not edited by hand.

A profile reaches a node by three roads: its user-data on a stock image, its `bootstrap.sh` on a running machine, or an
image that Packer baked. A test (`scripts/test --long`, [profile](../tests/roads/profile.yaml)) takes all three from one
base that has swap on, on machines with the same metadata, and compares them in their second boot, after
`cloud-init status --wait`: every file, folder and link on the root file system with its mode, owner, group and content
(of files beyond 64 KiB below `/usr`, which are the packages' own, the size),
every loaded module, every parameter below `/proc/sys`, swap, every unit and unit file, every package, every
account.

All of it is the same but for what this table says. A difference that it lacks fails the test, as does a row that is no
longer true.
"""
_TITLES = {
    "user-data": "Only after user-data",
    "bootstrap": "Only after bootstrap.sh",
    "image": "Only in a machine made from the image",
    EACH: "Every machine's own, or of the moment",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is a shell pattern whose * also stands for slashes; `differs` is the one road that is another, or each."""

    kind: str
    name: str
    differs: str
    reason: str


def load(path: Path = FILE) -> tuple[Row, ...]:
    """The rows, which stand in the file by road and reason."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Row(kind, name, differs, group["reason"])
        for differs, groups in document.items()
        for group in groups
        for kind, names in group["facts"].items()
        for name in names
    )


def page(rows: Sequence[Row]) -> str:
    """docs/roads.md."""
    return "\n".join((_HEAD, *(line for differs in _TITLES for line in _section(differs, rows))))


def _section(differs: str, rows: Sequence[Row]) -> list[str]:
    told: dict[str, list[str]] = {}
    for row in rows:
        if row.differs == differs:
            told.setdefault(row.reason, []).append(f"{row.kind} `{row.name}`")
    lines = [f"| {', '.join(facts)} | {reason} |" for reason, facts in told.items()]
    return [f"## {_TITLES[differs]}\n", "| what | why |", "|---|---|", *lines, ""] if lines else []
