"""When a guest is asked for more, and what comes of one that does not answer."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from generator import diagnosis, errors, guest, verify, watch
from generator.guest import BootResult
from generator.model import Boot, Plan
from generator.watch import Watched
from tests.test_judge import SETTINGS, _boot

SWAPS = {"swap.inactive": (0, "Filename Type\n/swapfile file 1 0 -2\n")}


class Answering:
    """A guest after its observations: says `lines` when it is asked, and then does what `then` does."""

    def __init__(self, lines: list[bytes], then: Callable[[], None] = lambda: None) -> None:
        self.asked: list[str] = []
        self._said: list[bytes] = [b'{"hello": 1}', b'{"done": 0}']
        self._lines, self._then = lines, then

    def say(self, line: str) -> None:
        self.asked.append(line)
        self._said += self._lines

    def result(self) -> BootResult:
        return BootResult(tuple(self._said), 0.0, 0.0, "", 0)

    async def wait_lines(self, until: Callable[[bytes], bool]) -> list[bytes]:
        self._then()
        if not any(until(line) for line in self._said):
            await asyncio.sleep(60)
        return self._said


def blame(text: bytes) -> bytes:
    return json.dumps({"told": "blame", "code": 0, "out": base64.b64encode(text).decode()}).encode()


def _dies() -> None:
    raise errors.GuestError("node: the kernel panicked")


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (Answering([blame(b"1s a\n"), b'{"diagnosed": 1}']), {"blame": b"1s a\n"}),
        (Answering([blame(b"1s a\n")]), {"blame": b"1s a\n"}),  # and never ends
        (Answering([b"\xff\xfe garbage", b"{" * 5000]), {}),
        (Answering([blame(b"1s a\n")], _dies), {"blame": b"1s a\n"}),
        (Answering([], _dies), {}),
    ],
    ids=["answers", "does not end", "garbage", "dies of it", "is dead"],
)
def test_what_a_guest_answers(one: Answering, told: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it does, it was judged already."""
    monkeypatch.setattr(watch, "ASK_SECONDS", 0.2)
    lines = asyncio.run(watch._asked(cast(guest.Guest, one), ("blame", "plot")))
    assert one.asked == ["blame plot"]
    assert diagnosis.read((line.decode("utf-8", "replace") for line in lines), 1).told == told


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(SETTINGS)


def asked(plan: Plan, *boots: Boot | None, last: bool = True, chart: bool = False) -> tuple[str, ...]:
    """Of the last of these boots."""
    seen = [Watched(number, Path("log"), boot=boot) for number, boot in enumerate(boots[:-1], 1)]
    return tuple(verify._ask(plan, [*seen, Watched(len(boots), Path("log"))], boots[-1], last=last, chart=chart))


def test_a_good_node_is_asked_for_nothing(plan: Plan) -> None:
    good, again = _boot(plan, {}, "a"), _boot(plan, {}, "b")
    assert asked(plan, good, last=False, chart=True) == ()
    assert asked(plan, good, again) == ()


def test_a_page_wants_the_chart_of_the_last_boot(plan: Plan) -> None:
    assert asked(plan, _boot(plan, {}, "a"), _boot(plan, {}, "b"), chart=True) == diagnosis.CHART


def test_a_red_boot_is_asked_for_everything(plan: Plan) -> None:
    red = _boot(plan, SWAPS, "a")
    assert asked(plan, red, last=False) == diagnosis.ALL
    assert asked(plan, None, last=False) == diagnosis.ALL


def test_what_only_two_boots_show(plan: Plan) -> None:
    """The same boot twice: each is good by itself."""
    assert asked(plan, _boot(plan, {}, "a"), _boot(plan, {}, "a")) == diagnosis.ALL
    assert asked(plan, _boot(plan, SWAPS, "a"), _boot(plan, {}, "b")) == diagnosis.ALL
