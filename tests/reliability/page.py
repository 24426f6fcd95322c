"""docs/reliability.md, of what was tried just now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.reliability.cases import UNTRIED, Case
from tests.reliability.outcome import KILLED, Outcome

_HEAD = """\
# What nodebake does when something fails under it

Made by `make reliability` on {date}; it is not edited by hand. Each row of
[cases.yaml](../tests/reliability/cases.yaml) was tried so often on this host: {versions}.
After every try it was looked at what is published (each file's bytes and mode: the old, the new, or a mixture of both),
what lies beside it, in the folder for temporary files and in the cache, and which processes are left. Where something
lies there, the next run must end as if nothing had been, and nothing may be left.

- **{tries} tries, {wrong} not as expected.** A mixture: {mixtures}. A traceback or exit code 70: {bugs}.
  Processes left: {processes}.
- A non-zero exit code must stand for the old, but where its sentence says that the new is there; 0 for the new.
- "left" is what lay there until the next run, which swept it. It may only be there after a SIGKILL, and where the disk
  refuses to remove anything.

| what was done | on what | tries | expected | exit codes | published | left | it said |
|---|---|---|---|---|---|---|---|
"""
_NOT = """
## What could not be tried here

| what | why |
|---|---|
"""
_PATH = re.compile(r"(?:/[^\s/:]+)*/(?:nodebake-reliability\.\w+)/(?:in|\d+)")
_RANDOM = re.compile(r"(\.stage-[\w.-]+-|nodebake-\w+\.|\.node\.qcow2\.|nb\.|\.pinned-[0-9a-f]+\.)[a-z0-9_]{8}\b")
_KEY = re.compile(r"(\.part-\w+-)[0-9a-f]{16}")

Tried = Sequence[tuple[Case, Sequence[Outcome]]]


def text(tried: Tried, wrong: Sequence[str], facts: Mapping[str, str]) -> str:
    """The whole page."""
    every = [outcome for _, outcomes in tried for outcome in outcomes]
    counts = {
        "tries": len(every),
        "wrong": len(wrong),
        "mixtures": sum(outcome.after == "a mixture" for outcome in every),
        "bugs": sum(outcome.ran.code == 70 or "Traceback" in outcome.ran.err for outcome in every),
        "processes": sum(bool(outcome.ran.running) for outcome in every),
    }
    rows = "\n".join(_row(case, outcomes) for case, outcomes in tried)
    untried = "\n".join(f"| {row['what']} | {row['why']} |" for row in UNTRIED)
    not_so = "".join(f"- {_plain(problem)}\n" for problem in wrong)
    told = f"\n## What was not as expected\n\n{not_so}" if wrong else ""
    return _HEAD.format(**facts, **counts) + rows + "\n" + told + _NOT + untried + "\n"


def _row(case: Case, outcomes: Sequence[Outcome]) -> str:
    on = dict.fromkeys(outcome.how.split(",")[0] for outcome in outcomes)
    cells = [
        case.what,
        "; ".join(on if len(on) < 9 else [*list(on)[:8], "..."]),
        str(len(outcomes)),
        case.expected,
        _counted(outcome.ran.code for outcome in outcomes),
        _counted(outcome.after for outcome in outcomes),
        "; ".join(dict.fromkeys(_plain(name) for outcome in outcomes for name in outcome.left)) or "nothing",
        _said(outcomes),
    ]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _counted(found: Iterator[object]) -> str:
    counted = Counter(map(str, found))
    return ", ".join(f"{what}: {count}" for what, count in counted.most_common())


def _said(outcomes: Sequence[Outcome]) -> str:
    """The sentences that are not said when all goes well, most frequent first."""
    failed = (outcome for outcome in outcomes if outcome.ran.code not in (0, KILLED))
    said = Counter(_plain(outcome.said.removeprefix("nodebake: ")) for outcome in failed)
    return "; ".join(f"`{sentence}`" for sentence, _ in said.most_common(3))


def _plain(said: str) -> str:
    """Without what is random."""
    return _KEY.sub(r"\1KEY", _RANDOM.sub(r"\1XXX", _PATH.sub("", said)))
