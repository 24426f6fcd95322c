"""Which boots are made, in what order, how many at once, and what ends them. Guests that only pretend."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator import checks, errors, image_checks
from generator.formats import observer
from generator.model import Fault, Observation, Plan
from generator.prove import boots, run, store
from generator.prove.boots import Lost
from generator.prove.store import Store, Told
from tests.prove.conftest import fault

WHERE = {"image": "ab" * 32, "profile": "cd" * 32, "observer": "ef" * 32}
GOOD = "swap: disabled\n"


def _told(plan: Plan, *red: str) -> Told:
    """What a guest would print: nothing of the checks in `red`, and of the others whatever makes them green here."""
    commands = observer.commands(plan)
    blind = {checks.command(expect) for expect in plan.expects if expect.id in red}
    hello = {"hello": "nodebake/v1", "boot_id": "b", "commands": observer.digest(commands), "probes": True}
    seen = [{"id": n, "code": 0, "out": ""} for n, command in enumerate(commands) if command not in blind]
    of_image = (checks.command(expect) for expect in checks.seen_by("image", plan.expects))
    image = image_checks.lines({argv: Observation(argv, 0, b"") for argv in of_image if argv not in blind})
    return Told((*(json.dumps(row) for row in (hello, *seen, {"done": len(commands)})), *image), 1.0, 0.9)


class Guests:
    """Stand in for boots.watch: what each fault's guest tells, and who was booted."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.booted = plan, list[str]()
        self.at_once = self.most = 0
        self.tells: dict[str, Told | Lost | Exception] = {}

    async def watch(self, _bench: object, one: Fault) -> Told | Lost:
        self.booted.append(one.id)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(0.001)
            told = self.tells.get(one.id) or _told(self.plan, *one.red)
            if isinstance(told, Exception):
                raise told
            return told
        finally:
            self.at_once -= 1


@pytest.fixture
def plan(planned: Callable[[str], Plan], monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A real plan, of which every observation that is there is taken for a good one."""
    monkeypatch.setattr("generator.checks.judge", lambda *_: (True, "good"))
    return planned(GOOD)


@pytest.fixture
def guests(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Guests:
    made = Guests(plan)
    monkeypatch.setattr(boots, "watch", made.watch)
    monkeypatch.setattr(boots, "bench", lambda *_: SimpleNamespace())
    monkeypatch.setattr(run.cache, "digest", lambda _: WHERE["image"])
    return made


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    with store.opened(tmp_path / "node.qcow2", WHERE) as opened:
        yield opened


def _batch(plan: Plan, kept: Store, *faults: Fault, jobs: int = 2) -> run.Batch:
    return run.Batch(kept.folder.with_suffix(".qcow2"), WHERE["image"], plan, faults or plan.faults, jobs)


def test_the_control_first_then_every_fault(plan: Plan, guests: Guests, kept: Store) -> None:
    trials, _ = run.trials(_batch(plan, kept), kept)
    assert guests.booted == ["control", *(one.id for one in plan.faults)]
    assert [one.fault for one in trials] == list(plan.faults)
    assert {one.id: one.red for one in plan.faults} == {one.fault.id: one.red for one in trials}
    assert {one.verdict for one in trials} == {"killed"}
    assert guests.most == 2


@pytest.mark.parametrize("jobs", [1, 3])
def test_so_many_at_once(jobs: int, plan: Plan, guests: Guests, kept: Store) -> None:
    run.trials(_batch(plan, kept, jobs=jobs), kept)
    assert guests.most == jobs


def test_a_second_run_boots_nothing_unless_it_shall(plan: Plan, guests: Guests, kept: Store) -> None:
    first, _ = run.trials(_batch(plan, kept), kept)
    guests.booted.clear()
    second, _ = run.trials(_batch(plan, kept), kept)
    assert guests.booted == []
    assert [(one.red, one.known) for one in second] == [(one.red, True) for one in first]
    run.trials(_batch(plan, kept), kept, fresh=True)
    assert len(guests.booted) == 1 + len(plan.faults)


def test_another_prediction_is_judged_without_a_boot(plan: Plan, guests: Guests, kept: Store) -> None:
    red = fault("swap.x", "swap.target")
    run.trials(_batch(plan, kept, red), kept)
    guests.booted.clear()
    (trial,), _ = run.trials(_batch(plan, kept, fault("swap.x", "swap.inactive")), kept)
    assert (trial.verdict, trial.known, guests.booted) == ("missed+collateral", True, [])


def test_a_run_that_breaks_off_goes_on_from_there(plan: Plan, guests: Guests, kept: Store) -> None:
    gone = errors.QemuEnded("QEMU was killed by signal 9")
    guests.tells[plan.faults[3].id] = gone
    with pytest.raises(errors.QemuEnded):
        run.trials(_batch(plan, kept, jobs=1), kept)
    assert len(guests.booted) < len(plan.faults)
    guests.booted.clear()
    guests.tells.clear()
    trials, _ = run.trials(_batch(plan, kept), kept)
    assert guests.booted == [one.id for one in plan.faults[3:]]
    assert [one.known for one in trials] == [True] * 3 + [False] * (len(plan.faults) - 3)


def test_a_red_control_ends_it_also_when_it_is_known(plan: Plan, guests: Guests, kept: Store) -> None:
    guests.tells["control"] = _told(plan, "swap.target")
    for _ in range(2):
        with pytest.raises(errors.CheckFailed) as caught:
            run.trials(_batch(plan, kept), kept)
        assert "is not what the profile says, without any fault\n    swap.target: " in caught.value.sentence
    assert guests.booted.count("control") == 1


def test_a_control_that_does_not_boot_is_no_proof(plan: Plan, guests: Guests, kept: Store) -> None:
    guests.tells["control"] = Lost("node: the kernel panicked", 1.0)
    with pytest.raises(errors.GuestError, match="panicked") as caught:
        run.trials(_batch(plan, kept), kept)
    assert caught.value.exit_code == errors.GUEST


def test_a_guest_that_is_lost_under_a_fault_is_red_in_all_and_not_known(
    plan: Plan, guests: Guests, kept: Store
) -> None:
    one = fault("swap.x", "swap.target")
    guests.tells["swap.x"] = Lost("node: the kernel panicked\n    words", 1.0)
    for _ in range(2):
        (trial,), _ = run.trials(_batch(plan, kept, one), kept)
        assert trial.red == {expect.id for expect in plan.expects}
        assert (trial.verdict, trial.lost) == ("collateral", "node: the kernel panicked\n    words")
    assert guests.booted == ["control", "swap.x", "swap.x"]


def test_a_control_for_each_road(plan: Plan, guests: Guests, kept: Store) -> None:
    both = (fault("a", "swap.target"), fault("b", "swap.target", cloud_init=True))
    run.trials(_batch(plan, kept, *both), kept)
    assert guests.booted == ["control", "control.cloud-init", "a", "b"]
    guests.booted.clear()
    run.trials(_batch(plan, kept, both[1]), kept, fresh=True)
    assert guests.booted == ["control.cloud-init", "b"]


@pytest.mark.parametrize("red", [("hygiene.logs",), ("hygiene.logs", "hygiene.tmp")])
def test_what_only_the_image_tells_of(plan: Plan, guests: Guests, kept: Store, red: tuple[str, ...]) -> None:
    """No check of a boot is red because there was none; and what else the image told counts."""
    told = _told(plan, *red)
    of_image = tuple(line for line in told.lines if line.startswith('{"image"'))
    guests.tells["x"] = dataclasses.replace(told, lines=of_image)
    (trial,), _ = run.trials(_batch(plan, kept, fault("x", "hygiene.logs")), kept)
    assert (trial.red, trial.read) == (frozenset(red), True)
    assert trial.verdict == ("killed" if len(red) == 1 else "collateral")
    assert guests.booted == ["control", "x"]


def test_an_image_that_changes_meanwhile(
    plan: Plan, guests: Guests, kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.cache, "digest", lambda _: "00" * 32)
    with pytest.raises(errors.CheckFailed, match="was changed while"):
        run.trials(_batch(plan, kept), kept)
    assert guests.booted == []
