"""What snapshot.sh printed -> facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SCRIPT = Path(__file__).with_name("snapshot.sh")
KINDS = ("module", "swap", "sysctl", "unit-file", "unit", "package", "account", "file", "content")

Fact = tuple[str, str]  # its kind and its name
Snapshot = Mapping[Fact, str]


def read(text: str) -> Snapshot:
    """Facts by kind and name, in that order. Raises ValueError for a line that is none, so that nothing is lost."""
    facts: dict[Fact, str] = {}
    for line in text.removesuffix("\n").split("\n"):  # splitlines would end them at other characters, too
        kind, _, rest = line.partition("\t")
        name, tab, value = rest.partition("\t")
        if kind not in KINDS or not name or not tab:
            raise ValueError(f"no fact: {line!r}")
        facts[kind, name] = f"{facts[kind, name]}\n{value}" if (kind, name) in facts else value
    return dict(sorted(facts.items()))
