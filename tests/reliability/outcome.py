"""What came of one try, and whether it may."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator import errors
from tests.reliability.bench import NEW, Bench, Place, Ran
from tests.reliability.cases import Case

_NEVER = ("Traceback (most recent call last)", "this is a bug of nodebake")
_PUBLISHED = "is replaced, but|^nodebake: stdout: "  # sentences that say so
KILLED = -9


@dataclass(frozen=True, slots=True)
class Outcome:
    """`how` says which try it was. `after` is what was published, `left` what lay there; `then` and `then_left` are the
    same after a next run, if there was one."""

    how: str
    ran: Ran
    after: str
    left: tuple[str, ...] = ()
    then: str = ""
    then_left: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The sentence: the last line that is nodebake's own word and no hint."""
        lines = [line for line in self.ran.told.splitlines() if line and not line.startswith(" ")]
        return lines[-1] if lines else ""


def seen(bench: Bench, place: Place, how: str, ran: Ran) -> Outcome:
    """What is there now; where something was left behind, what a next run makes of it."""
    after, left = bench.state(place), place.left()
    if not left and ran.code != KILLED:
        return Outcome(how, ran, after, left)
    again = bench.run(place, bench.argv(place, "new"))
    then = bench.state(place) if again.code == 0 else f"exit code {again.code}: {again.err.strip()}"
    return Outcome(how, ran, after, left, then, place.left())


def problems(case: Case, outcome: Outcome) -> list[str]:
    """What is not as the case expects, in words."""
    ran, wrong = outcome.ran, []
    if ran.code not in case.codes:
        wrong.append(f"exit code {ran.code}")
    if outcome.after not in case.states or (ran.code == 0 and NEW in case.states and outcome.after != NEW):
        wrong.append(f"published: {outcome.after}")
    failed = ran.code not in (0, KILLED, errors.LOCKED)
    if outcome.after == NEW and failed and not re.search(_PUBLISHED, ran.told, re.M):
        wrong.append("published, and said that it failed")
    if case.says and ran.code not in (0, KILLED) and not re.search(case.says, ran.told, re.M):
        wrong.append("another sentence")
    wrong += [f"stderr has: {words}" for words in _NEVER if words in ran.err]
    if ran.running:
        wrong.append(f"still running: {'; '.join(ran.running)}")
    if outcome.left and not case.left:
        wrong.append(f"left: {', '.join(outcome.left)}")
    if outcome.then not in ("", NEW) or outcome.then_left:
        wrong.append(f"after the next run: {outcome.then}, left: {', '.join(outcome.then_left)}")
    return [f"{case.what}: {outcome.how}: {one}: {outcome.said!r}" for one in wrong]
