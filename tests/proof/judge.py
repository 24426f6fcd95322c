"""What the boots told, beside what claims.yaml predicts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tests.proof.claims import Claim, Side
from tests.zoo.told import Told


def problems(claims: Sequence[Claim], told: Told) -> list[str]:
    """Where a prediction does not hold, or its control shows nothing."""
    return [f"{claim.says}: {problem}" for claim in claims for problem in _of(claim, told)]


def quotes(side: Side, told: Told) -> list[str]:
    """The lines that were predicted, as they were told, each once."""
    return list(dict.fromkeys(line for line in told.get(side.look, ()) if _any(side.lines, line)))


def _of(claim: Claim, told: Told) -> Iterator[str]:
    for side in claim.sides:
        yield from _side(side, told)
    there, absent = claim.sides
    for mine, other in ((there, absent), (absent, there)):
        if all(found(pattern, told.get(other.look, ())) for pattern in mine.lines):
            yield f"{mine.look!r} has no line that {other.look!r} lacks: the control does not differ"


def _side(side: Side, told: Told) -> Iterator[str]:
    lines = told.get(side.look)
    if not lines:
        yield f"{side.look!r} told nothing"
        return
    for pattern in side.lines:
        if not found(pattern, lines):
            yield f"{side.look!r} has nothing like {pattern}"
    for pattern in side.never:
        if seen := found(pattern, lines):
            yield f"{side.look!r} must not have {pattern}, and has: {seen}"


def found(pattern: str, lines: Sequence[str]) -> str:
    """The first line in which it is, or nothing."""
    return next((line for line in lines if re.search(pattern, line)), "")


def _any(patterns: Sequence[str], line: str) -> bool:
    return any(re.search(pattern, line) for pattern in patterns)
