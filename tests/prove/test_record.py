"""What was predicted against what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from generator import checks
from generator.model import Boot, Observation, Plan
from generator.prove.record import Proof, Trial, judged
from tests.prove.conftest import CHECKS, trial


@pytest.mark.parametrize(
    ("predicted", "red", "verdict"),
    [
        ("l", "l", "killed"),
        ("lp", "pl", "killed"),
        ("lpi", "lpi", "killed"),
        ("l", "", "survived"),
        ("", "", "survived"),
        ("lp", "l", "missed"),
        ("l", "li", "collateral"),
        ("", "i", "collateral"),
        ("l", "p", "missed+collateral"),
    ],
)
def test_verdict(predicted: str, red: str, verdict: str) -> None:
    assert trial(predicted, red).verdict == verdict


def test_what_differs_is_named() -> None:
    one = trial("lp", "pi")
    assert one.missed == ("modules.overlay.loaded",)
    assert one.collateral == ("swap.inactive",)


@pytest.mark.parametrize(
    ("trials", "partial", "ok", "unproven"),
    [
        ([("lp", "lp"), ("i", "i")], False, True, ()),
        ([("lp", "lp")], False, False, ("swap.inactive",)),
        ([("lp", "lp")], True, True, ()),
        ([("lp", "lp"), ("i", "")], False, False, ()),
        ([("lp", "lp"), ("i", "il")], False, False, ()),
        ([("lp", "lp"), ("i", "il")], True, False, ()),
        ([("lp", "lpi")], False, False, ("swap.inactive",)),  # turned red by chance: that proves nothing
        ([], False, False, CHECKS),
        ([], True, False, ()),
    ],
)
def test_a_proof(
    trials: list[tuple[str, str]], partial: bool, ok: bool, unproven: tuple[str, ...], proof: Callable[..., Proof]
) -> None:
    made = proof(*(trial(*one) for one in trials), partial=partial)
    assert (made.ok, made.unproven) == (ok, unproven)


def test_seconds_a_fault_are_those_of_what_was_booted(proof: Callable[..., Proof]) -> None:
    def known(count: int) -> list[Trial]:
        return [trial("l", "l", known=number < count) for number in range(4)]

    assert proof(*known(0), seconds=60.0).each == 15.0
    assert proof(*known(2), seconds=60.0).each == 30.0
    assert proof(*known(4), seconds=60.0).each is None


def _observed(plan: Plan, replaced: Mapping[str, Observation | None]) -> Boot:
    """Nothing was seen but what is given, by the ids of checks."""
    seen = {}
    for expect in plan.expects:
        if (found := replaced.get(expect.id)) is not None:
            seen[checks.command(expect)] = found
    return Boot("one", seen)


def test_red_is_what_failed_or_was_not_seen_and_not_what_is_blocked(k8s_node: Plan) -> None:
    value = next(expect for expect in k8s_node.expects if expect.id.endswith("bridge-nf-call-iptables.value"))
    wrong = Observation(("cat",), 0, b"0\n")
    red, found = judged(k8s_node, [_observed(k8s_node, {value.id: wrong})], {})
    assert red == {expect.id for expect in k8s_node.expects} - {value.id}  # its module was not seen either
    assert "modules.br_netfilter.loaded does not hold" in found[value.id]


def test_a_guest_that_told_nothing_is_red_in_all(k8s_node: Plan) -> None:
    assert judged(k8s_node, [None], {})[0] == {expect.id for expect in k8s_node.expects}
