"""Whatever a guest sends: it is judged without a fault of ours, and what was not observed never passes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import checks, image_checks, judge, observation, report
from generator.diagnosis import causes
from generator.formats import observer
from generator.model import Observation, Plan, Report
from tests.settings.test_yields import EVERYTHING

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
# What the checks look for in what they read, and bytes that none of them expects.
OUT = st.binary(max_size=60) | st.sampled_from(
    [
        b"",
        b"\n",
        b"\0",
        b"1",
        b"masked",
        b"overlay is",
        b"x = ",
        b"# /etc/x\n",
        b"{",
        b"[]",
        b'{"a": 1}',
        b"topic fails: ",
        b'{"v1":' * 5000,
        b"a = " + b"[" * 5000,
    ]
)


def _record(number: int, code: int, out: bytes) -> dict[str, object]:
    return {"id": number, "code": code, "out": base64.b64encode(out).decode()}


RECORD = st.builds(_record, st.integers(-2, 200), st.integers(-1, 300), OUT)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "code", "out", "hello", "boot_id", "done"), JSON))
LINE = st.text(max_size=60) | JSON.map(json.dumps) | RECORD.map(json.dumps) | FIELDS.map(json.dumps)


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    """Planned once, not for every example."""
    return planned(EVERYTHING)


@given(lines=st.lists(LINE, max_size=30), every=OUT, code=st.sampled_from([0, 1, 124, 127]), greets=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_is_judged(plan: Plan, lines: list[str], every: bytes, code: int, greets: bool) -> None:
    commands = observer.commands(plan)
    answers = [json.dumps(_record(number, code, every)) for number in range(0, len(commands), 2)]
    hello = json.dumps({"hello": "nodebake/v1", "boot_id": "a", "commands": observer.digest(commands), "probes": True})
    boot = observation.read([hello, *answers, *lines] if greets else lines, commands)
    verdicts = causes.explained(judge.boots(plan, [boot]), [boot])
    seen = boot.observations if boot and not boot.foreign else {}
    unseen = [one for one in verdicts if one.boot == 1 and one.expect.args and checks.command(one.expect) not in seen]
    assert [one.expect.id for one in unseen if one.status == "pass"] == []
    made = Report("an image", "p", verdicts, 1.0)
    assert not made.ok
    for form in (report.text, report.junit, report.html):
        assert form(made)


ROWS = (
    "",
    "x",
    "]}",
    '"a"], "code": 0}',
    '"a"], "code": "x", "out": ""}',
    '"a"], "code": 0, "out": "\\ud800"}',
    "[" * 100_000,
)


@pytest.mark.parametrize("line", ROWS, ids=range(len(ROWS)))
def test_a_guest_cannot_speak_of_its_image(line: str) -> None:
    """What looks like a row of ours and is none is passed over; a fault of ours it is not."""
    good = image_checks.lines({("image", "names", "/x"): Observation(("image", "names", "/x"), 0, b"{}")})
    assert list(image_checks.read([f'{{"image": [{line}', *good])) == [("image", "names", "/x")]


def test_a_line_without_end_is_no_record() -> None:
    line = json.dumps(_record(0, 0, b"x" * observation.LINE))
    assert observation.record(line) == {}
    assert observation.record(json.dumps(_record(0, 0, b"x" * (2 << 20)))) != {}  # as long as diagnose.sh may write
