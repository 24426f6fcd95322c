"""What every form of a report needs: words that are safe to show, verdicts by check and by setting, symptoms."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from generator import explain, reasons
from generator.evidence import Tested
from generator.model import Expect, Report, Status, Verdict
from generator.reasons import Place
from generator.symptoms import Symptom

NOTHING = "the profile expects nothing, so nothing was proven"
EMPTY = Verdict(Expect("suite.empty", "suite", "", (), "at least one check", NOTHING), 0, "unobserved", NOTHING)
WORST: tuple[Status, ...] = ("fail", "unobserved", "blocked", "skipped", "pass")
_SYMPTOMS = 2  # of one setting: the likeliest
# Programs of the node's operating system come after those of the cluster; and what no program prints, nobody meets.
_NODE = ("ip route", "modprobe", "mount", "sysctl", "systemd", "the initramfs")
_NOBODY = ("the brief", "people")


@dataclass(frozen=True, slots=True)
class Met:
    """A line that a user of the cluster meets, by which program; <word> in it stands for what differs."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Same:
    """Verdicts on one check that say the same, and the boots in which they did."""

    verdict: Verdict
    boots: tuple[int, ...]


def printable(value: str) -> str:
    """A guest's words, without what a terminal would obey and XML cannot write, nor what turns a line around."""
    return "".join(character if character.isprintable() else "?" for character in value)


def shown(report: Report) -> Report:
    """The report with every word of it printable."""
    tested = (
        {key: printable(value) for key, value in dataclasses.asdict(report.tested).items()} if report.tested else {}
    )
    return dataclasses.replace(
        report,
        subject=printable(report.subject),
        profile=printable(report.profile),
        verdicts=tuple(_shown(verdict) for verdict in report.verdicts),
        tested=Tested(**tested) if tested else None,
        bundle=printable(report.bundle),
    )


def _shown(verdict: Verdict) -> Verdict:
    expect = verdict.expect
    said = dataclasses.replace(
        expect,
        id=printable(expect.id),
        setting=printable(expect.setting),
        want=printable(expect.want),
        breaks=printable(expect.breaks),
    )
    causes = tuple(map(printable, verdict.causes))
    return dataclasses.replace(verdict, expect=said, found=printable(verdict.found), causes=causes)


def boot_name(number: int) -> str:
    """Boots count from 1; 0 is what was read off the image, which no boot has touched."""
    return f"boot {number}" if number else "image"


def boots(report: Report) -> list[int]:
    return sorted({verdict.boot for verdict in report.verdicts})


def checks(verdicts: Iterable[Verdict]) -> int:
    """How many checks there are: one for all its boots."""
    return len({verdict.expect.id for verdict in verdicts})


def by_setting(report: Report) -> dict[str, list[Verdict]]:
    """In the order in which the settings came; of one setting by check, then by boot."""
    found: dict[str, list[Verdict]] = {}
    order = {verdict.expect.id: number for number, verdict in reversed(list(enumerate(report.verdicts)))}
    for verdict in sorted(report.verdicts, key=lambda verdict: (order[verdict.expect.id], verdict.boot)):
        found.setdefault(verdict.expect.setting, []).append(verdict)
    return found


def worst(verdicts: Iterable[Verdict]) -> Status | None:
    """The status that says the most; None of no verdict."""
    return min((verdict.status for verdict in verdicts), key=WORST.index, default=None)


def together(verdicts: Sequence[Verdict]) -> list[Same]:
    """Verdicts of one setting, those that differ in their boot alone as one."""
    found: dict[tuple[str, Status, str, tuple[str, ...]], list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault((verdict.expect.id, verdict.status, verdict.found, verdict.causes), []).append(verdict)
    return [Same(same[0], tuple(one.boot for one in same)) for same in found.values()]


def in_boots(numbers: Sequence[int]) -> str:
    """0, 1, 2 -> image, boots 1, 2."""
    booted = [str(number) for number in numbers if number != 0]
    named = [f"boot{'s' if len(booted) > 1 else ''} {', '.join(booted)}"] if booted else []
    return ", ".join([*(["image"] if 0 in numbers else []), *named])


def reds(report: Report) -> Mapping[str, list[Verdict]]:
    """The settings that failed, and what of them did."""
    red = {setting: [one for one in verdicts if one.red] for setting, verdicts in by_setting(report).items()}
    return {setting: verdicts for setting, verdicts in red.items() if verdicts}


def met(expect: Expect) -> tuple[Met, ...]:
    """What a user of the cluster is likely to meet: the symptoms of which this setting is a cause."""
    place = _place(expect.setting, expect.breaks)
    ranked = [symptom for symptom, _ in explain.seen(place)] if place else []
    printed = [symptom for symptom in ranked if not symptom.by.startswith(_NOBODY)]
    printed.sort(key=lambda symptom: symptom.by.startswith(_NODE))  # a stable sort
    return tuple(_met(symptom) for symptom in printed[:_SYMPTOMS])


def _met(symptom: Symptom) -> Met:
    first = symptom.texts[0]
    return Met(first.when or symptom.by, first.text)  # `when` names the program, with its versions


@functools.cache
def _place(setting: str, breaks: str) -> Place | None:
    """The row that the check took its words from; of a setting with several, `breaks` tells them apart."""
    stem, _, key = setting.partition(".")
    rows = [place for place, row in reasons.rows().items() if place[0] == stem and row.breaks == breaks]
    return rows[0] if len(rows) == 1 else reasons.find(stem, key)


def groups(verdicts: Iterable[Verdict]) -> list[tuple[str, list[Verdict]]]:
    """Verdicts that stand by check -> each check with its verdicts."""
    return [(check, list(found)) for check, found in groupby(verdicts, key=lambda verdict: verdict.expect.id)]
