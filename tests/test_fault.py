"""Faults cost nothing until somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.fault import Fault, Later
from generator.model import Plan

FAULTS = tuple(Fault(name, "s", "it breaks", (), frozenset({"c"})) for name in "abc")


def test_worked_out_once() -> None:
    made: list[int] = []

    def make() -> tuple[Fault, ...]:
        made.append(1)
        return FAULTS

    later = Later(make)
    assert made == []
    assert (list(later), len(later), later[1], later[1:]) == ([*FAULTS], 3, FAULTS[1], FAULTS[1:])
    assert later == FAULTS
    assert Later(lambda: FAULTS) == later != Later(lambda: ())
    assert hash(later) == hash(FAULTS)
    assert made == [1]


def test_a_plan_does_not_work_them_out(planned: Callable[[str], Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("generator.settings.sysctl.faults.of", looked)
    plan = planned("sysctl: {net.ipv4.ip_forward: 1}\n")
    with pytest.raises(LookupError):
        len(plan.faults)
