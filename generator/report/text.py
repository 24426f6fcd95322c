"""A report for people at a terminal: a line for each setting, and last what failed, why, and what a user would meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.model import Report, Status, Verdict
from generator.report import told

_MARKS: Mapping[Status, tuple[str, str]] = {
    "pass": ("ok", "32"),
    "fail": ("FAIL", "1;31"),
    "unobserved": ("UNSEEN", "1;31"),
    "blocked": ("blocked", "33"),
    "skipped": ("skipped", "33"),
}
_FOUND = 88  # characters of what was found, on the line of a setting


def text(report: Report, colour: bool = False) -> str:
    """What passed is short; a red setting has its symptom, and each red check of it expected, found and cause."""
    report = told.shown(report)
    lines = [f"{report.subject} against {report.profile}", "", *_overview(report, colour)]
    for setting, verdicts in told.reds(report).items():
        lines += ["", f"{_mark('fail', colour).strip()}: {setting}: {verdicts[0].expect.breaks}"]
        met = enumerate(told.met(verdicts[0].expect))
        lines += [f"  {'' if number else 'seen as':<9} {one.by}: {one.text}" for number, one in met]
        lines += [line for same in told.together(verdicts) for line in _red(same)]
    return "\n".join([*lines, "", *_summary(report, colour)]) + "\n"


def _overview(report: Report, colour: bool) -> Iterator[str]:
    """A line for each setting, with a column for each boot: the worst of its checks."""
    settings, boots = told.by_setting(report), told.boots(report)
    width = max(map(len, settings), default=0)
    if settings:
        heads = "  ".join(f"{told.boot_name(number):<7}" for number in boots)
        yield f"  {'':<{width}}  {heads}".rstrip()
    for setting, verdicts in settings.items():
        each = [told.worst(one for one in verdicts if one.boot == number) for number in boots]
        marks = "  ".join(_mark(status, colour) if status else f"{'-':<7}" for status in each)
        yield f"  {setting:<{width}}  {marks}  {_found(verdicts)}".rstrip()


def _found(verdicts: Sequence[Verdict]) -> str:
    """What its checks found in the last boot; of a red setting, whose checks are told below, how many failed."""
    if any(verdict.red for verdict in verdicts):
        return f"{told.checks(one for one in verdicts if one.red)} of {told.checks(verdicts)} checks failed"
    last = {one.expect.id: one.found for one in verdicts}
    found = "; ".join(dict.fromkeys(last.values()))
    return found if len(found) <= _FOUND else f"{found[: _FOUND - 3]}..."


def _red(same: told.Same) -> Iterator[str]:
    verdict = same.verdict
    rows = [("expected", verdict.expect.want), ("found", verdict.found)]
    causes = [("cause" if not number else "", cause) for number, cause in enumerate(verdict.causes)]
    yield f"  {verdict.expect.id} ({told.in_boots(same.boots)})"
    yield from (f"    {label:<9} {words}" for label, words in (*rows, *causes))


def _mark(status: Status, colour: bool) -> str:
    word, code = _MARKS[status]
    return f"\x1b[{code}m{word:<7}\x1b[0m" if colour else f"{word:<7}"


def _summary(report: Report, colour: bool) -> Iterator[str]:
    bad = [verdict for verdict in report.verdicts if verdict.red]
    checks, booted = told.checks(report.verdicts), len([number for number in told.boots(report) if number])
    left = told.checks(verdict for verdict in report.verdicts if verdict.status == "skipped")
    if not report.verdicts:
        yield f"FAILED: {told.NOTHING}"
    elif report.ok:
        more = f", {left} of them skipped" if left else ""
        yield f"{_mark('pass', colour).strip()}: {checks} checks in {booted} boots{more}, {report.seconds:.0f} s"
    else:
        yield f"{told.checks(bad)} of {checks} checks failed, {report.seconds:.0f} s"
