"""The turns of phrase that the terminal and the page have in common, and what is said where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import shown
from generator.model import Expect
from generator.reasons import KEY, Claim, Reason
from generator.sentences import Words


def sourced(text: str, source: str) -> str:
    """Something, and in brackets where that was read or measured."""
    return f"{text} [{source}]" if source else text


def breaks(row: Reason) -> str:
    """What breaks without a value; of a setting as such, whichever value of it."""
    return row.breaks.replace(KEY, "it")


def proven(check: Expect, row: Reason) -> str:
    """What a check wants to see; of a probe, what people meet where it fails."""
    return f"{check.want}; if not: {check.breaks}" if check.breaks in row.probes.values() else check.want


def verdict(claim: Claim) -> str:
    """What is to be thought of a sentence of the brief."""
    return f"{claim.verdict} since {claim.since}" if claim.since else claim.verdict


def claim(one: Claim) -> str:
    """A sentence of the brief, the verdict, and what is true."""
    return sourced(f'"{one.says}": {verdict(one)}; {one.truth}', one.source)


def not_explained(name: str, guesses: Sequence[str], mentioned: Sequence[str], parameter: bool) -> Words:
    """Of a kernel parameter, that there is no row for it says nothing against setting it."""
    hints = (
        f"it is spoken of in {', '.join(mentioned)}" if mentioned else "",
        f"did you mean {' or '.join(guesses)}?" if guesses else "",
    )
    hint = "; ".join(filter(None, hints)) or "`nodebake explain` lists what there is"
    if parameter:
        return f"nothing is known here of the kernel parameter {shown(name)}; a profile may set it all the same", hint
    return f"nothing is known here of {shown(name)}", hint


def no_symptom(named: Sequence[str]) -> Words:
    """Of a text in which no symptom is known; `named` are the settings that it names."""
    seen = f"it names {', '.join(named)}: see `nodebake explain {named[0]}`; " if named else ""
    return "no known symptom is in this text", f"{seen}`nodebake verify` looks at the whole node"
