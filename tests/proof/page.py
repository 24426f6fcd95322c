"""docs/proof.md: written of what boots told, and read again: a test sees whether claims.yaml went on without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.proof import judge
from tests.proof.claims import Claim, Side, Table
from tests.zoo.told import Told

FACTS, VERSIONS = "facts", "versions"  # sections of what was told: the host's, and the guest's
_HEAD = """\
# What is said of a Kubernetes node, and what boots showed

Made by `scripts/proof` from real boots in QEMU; it is not edited by hand. Each sentence is what people say (the words
of this project's brief, where nothing else stands before them). It was tried with the setting and without it, on one
machine with everything else the same, and these are the lines that the machine, containerd, kubelet and kubeadm told.
[claims.yaml](../tests/proof/claims.yaml) predicts them: this page is only written when each prediction holds, and when
the two sides differ. What was done to the machine is in [looks](../tests/proof/looks).
"""
_FENCE = "```"
_TITLE = re.compile(r"^### (.*)\n", re.M)
_FACT = re.compile(r"^- ([^:\n]+): `(.*)`$", re.M)
_BLOCK = re.compile(rf"^{_FENCE}text\n(.*?)^{_FENCE}$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Record:
    """What was seen: `facts` by name, and for each claim, by its words, the lines with the setting and without it."""

    facts: Mapping[str, str]
    quotes: Mapping[str, tuple[Sequence[str], Sequence[str]]]


def record(claims: Sequence[Claim], told: Told) -> Record:
    """What a page says of these boots."""
    facts = dict(line.split(": ", 1) for line in (*told[FACTS], *told[VERSIONS]))
    quotes = {claim.says: (judge.quotes(claim.there, told), judge.quotes(claim.absent, told)) for claim in claims}
    return Record(facts, quotes)


def text(table: Table, seen: Record) -> str:
    """The whole page."""
    return "\n".join((_HEAD, *_facts(seen), *_summary(table), *_groups(table, seen)))


def read(page: str) -> Record:
    """The record that a page was written of."""
    facts = dict(_FACT.findall(page.partition("\n| ")[0]))
    parts = _TITLE.split(page)[1:]
    blocks = {title: _BLOCK.findall(body) for title, body in zip(parts[::2], parts[1::2], strict=True)}
    return Record(
        facts, {title: (there.splitlines(), absent.splitlines()) for title, (there, absent) in blocks.items()}
    )


def _facts(seen: Record) -> Iterator[str]:
    yield from (f"- {name}: `{value}`" for name, value in seen.facts.items())
    yield ""


def _summary(table: Table) -> Iterator[str]:
    yield "| it is said | and it is |"
    yield "|---|---|"
    for claim in table.claims:
        yield f"| {claim.says.replace('|', '&#124;')} | **{claim.verdict}** |"
    yield ""


def _groups(table: Table, seen: Record) -> Iterator[str]:
    group = ""
    for claim in table.claims:
        if claim.group != group:
            group = claim.group
            yield f"## {group[0].upper()}{group[1:]}\n"
        yield from _claim(claim, table, seen)


def _claim(claim: Claim, table: Table, seen: Record) -> Iterator[str]:
    there, absent = seen.quotes[claim.says]
    yield f"### {claim.says}\n"
    yield f"**{claim.verdict[0].upper()}{claim.verdict[1:]}.** {claim.truth}\n"
    yield from _side("With", claim.there, table, there)
    yield from _side("Without", claim.absent, table, absent)


def _side(which: str, side: Side, table: Table, lines: Sequence[str]) -> Iterator[str]:
    yield f"{which}: {table.looks[side.look]}.\n"
    yield f"{_FENCE}text"
    yield from lines
    yield f"{_FENCE}\n"
