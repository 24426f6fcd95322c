"""What two clones told -> verdicts. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from generator import checks
from generator import judge as judging
from generator.checks import cloned
from generator.clones import left
from generator.clones.sentences import ALIKE, ENABLED, KEPT, OTHER, UNITS
from generator.model import Boot, Expect, Plan, Status, Verdict
from generator.reasons import reason

NETWORK = "10.77.0.0/24"  # of guest/hub.py
_BRIDGE = "nodebake-id"
# What must differ: its name, the kind, its arguments, and the row of the setting hygiene that says what breaks.
_DIFFER = (
    ("machine-id", "identity-machine-id", (), "machine-id"),
    ("host-keys", "identity-host-keys", (), "host-keys"),
    ("random-seed", "identity-random-seed", (), "random-seed"),
    ("bridge-mac", "identity-bridge", (_BRIDGE,), "machine-id"),
    ("address", "identity-address", (NETWORK,), "machine-id"),
    ("lease", "identity-lease", (), "machine-id"),
    ("client-id", "identity-client-id", (), "machine-id"),
)
_STAY = ("identity-machine-id", "identity-host-keys", "identity-named")
Boots = Sequence[Boot | None]


def expects(plan: Plan) -> tuple[Expect, ...]:
    """What must differ between two clones, in every boot: what every machine has, and the names that these make."""
    made = [(expect.id.rpartition(".")[2], expect) for expect in plan.expects if expect.kind == "has-name"]
    named = ((name, "identity-named", expect.args, "storage-names") for name, expect in made)
    return tuple(
        Expect(f"clones.{name}", f"clones.{name}", kind, args, OTHER, reason("hygiene", row).breaks)
        for name, kind, args, row in (*_DIFFER, *named, *left.differing(plan))
    )


def watched(plan: Plan) -> Plan:
    """The plan with what tells machines apart: for what observes, not for what judges a machine alone."""
    return dataclasses.replace(plan, expects=(*plan.expects, *expects(plan), *left.alone(plan)))


def judge(plan: Plan, first: Boots, second: Boots) -> tuple[Verdict, ...]:
    """Two lives of as many boots: what shall differ, what shall stay, and whether one is as the other."""
    pairs = list(enumerate(zip(first, second, strict=True), 1))
    return (
        *(_differ(expect, number, pair) for expect in expects(plan) for number, pair in pairs),
        *(
            _each(expect, number, pair)
            for expect in left.alone(plan)
            for number, pair in pairs
            if _is_told(expect, number)
        ),
        *(_stays(expect, (first, second)) for expect in expects(plan) if expect.kind in _STAY),
        *_units(plan, pairs[0][1]),
        _alike(plan, first, second),
    )


def _has(expect: Expect, boot: Boot | None) -> tuple[Status, str]:
    """What a machine has; the status says whether it has one at all."""
    observation = boot.observations.get(checks.command(expect)) if boot else None
    if observation is None:
        return "unobserved", "not told"
    holds, told = checks.judge(expect, observation)
    return ("pass" if holds else "fail"), told


def _differ(expect: Expect, number: int, pair: tuple[Boot | None, Boot | None]) -> Verdict:
    (status, one), (other_status, other) = (_has(expect, boot) for boot in pair)
    if (status, other_status) != ("pass", "pass"):
        worst: Status = "unobserved" if "unobserved" in (status, other_status) else "fail"
        return Verdict(expect, number, worst, f"one: {one}; the other: {other}")
    shared = [] if cloned.NONE in (one, other) else sorted(set(one.split()) & set(other.split()))
    if shared:
        return Verdict(expect, number, "fail", f"both have {' '.join(shared)}")
    return Verdict(
        expect, number, "pass", " and ".join(told if told == cloned.NONE else told.split()[0] for told in (one, other))
    )


def _is_told(expect: Expect, number: int) -> bool:
    """What is older than the boot is nothing to a second one."""
    return number == 1 or not expect.id.endswith(left.FIRST)


def _each(expect: Expect, number: int, pair: tuple[Boot | None, Boot | None]) -> Verdict:
    """Both are judged for themselves; what is wrong is told of both."""
    found = [_has(expect, boot) for boot in pair]
    statuses = [status for status, _ in found]
    worst: Status = next((one for one in ("unobserved", "fail") if one in statuses), "pass")
    told = dict.fromkeys(told for status, told in found if status == worst)
    return Verdict(expect, number, worst, "; ".join(told))


def _stays(expect: Expect, lives: tuple[Boots, Boots]) -> Verdict:
    """Each machine's own is the same in all its boots."""
    kept = dataclasses.replace(expect, id=f"{expect.id}.kept", want=KEPT)
    told = [[_has(expect, boot) for boot in life] for life in lives]
    if any(status != "pass" for life in told for status, _ in life):
        return Verdict(kept, len(lives[0]), "unobserved", "not told in every boot")
    changed = [life for life in told if len(set(life)) > 1]
    found = "; ".join(" became ".join(value for _, value in life) for life in changed)
    return Verdict(kept, len(lives[0]), "fail" if changed else "pass", found or KEPT)


def _units(plan: Plan, pair: tuple[Boot | None, Boot | None]) -> Iterator[Verdict]:
    """What the profile disabled, at the first boot of both, which may take itself for the first one ever."""
    disabled = [one for one in plan.expects if one.kind == "unit-enabled" and one.want.startswith("disabled ")]
    if not disabled:
        return
    expect = Expect("clones.disabled-units", "clones.disabled-units", "", (), UNITS, ENABLED)
    told = {one.args[0]: [_has(one, boot) for boot in pair] for one in disabled}
    if any(status == "unobserved" for found in told.values() for status, _ in found):
        yield Verdict(expect, 1, "unobserved", "not told")
        return
    red = [f"{unit} {value}" for unit, found in told.items() for status, value in found if status == "fail"]
    yield Verdict(expect, 1, "fail" if red else "pass", ", ".join(dict.fromkeys(red)) or ", ".join(told))


def _alike(plan: Plan, first: Boots, second: Boots) -> Verdict:
    """All other checks tell the same of both machines."""
    expect = Expect("clones.same", "clones", "", (), ALIKE, "machines made from one image are not the same node")
    tell = [{(v.expect.id, v.boot): (v.status, v.found) for v in judging.boots(plan, life)} for life in (first, second)]
    differ = dict.fromkeys(name for (name, boot), told in tell[0].items() if tell[1][name, boot] != told)
    found = f"differ between the two: {', '.join(differ)}" if differ else ALIKE
    return Verdict(expect, len(first), "fail" if differ else "pass", found)
