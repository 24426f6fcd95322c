"""Predictions beside what was told: made-up looks."""

from __future__ import annotations

import pytest

from tests.proof import judge
from tests.proof.claims import Claim, Side

CLAIM = Claim(
    "a group", "it fails", "true", "It does.", Side("with", ("^it ran",)), Side("without", ("^it failed",), ("ran",))
)
GOOD = {"with": ["x", "it ran"], "without": ["it failed: why"]}


def test_as_predicted() -> None:
    assert judge.problems([CLAIM], GOOD) == []
    assert judge.quotes(CLAIM.absent, GOOD) == ["it failed: why"]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"with": ["it ran"]}, "it fails: 'without' told nothing"),
        ({**GOOD, "without": ["x"]}, "it fails: 'without' has nothing like ^it failed"),
        ({**GOOD, "without": ["it failed", "and ran"]}, "it fails: 'without' must not have ran, and has: and ran"),
        (
            {**GOOD, "with": ["it ran", "it failed"]},
            "it fails: 'without' has no line that 'with' lacks: the control does not differ",
        ),
    ],
)
def test_what_is_wrong(told: dict[str, list[str]], problem: str) -> None:
    assert problem in judge.problems([CLAIM], told)
