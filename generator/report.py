"""Report -> text for a terminal, JSON, JUnit XML, TAP."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from itertools import groupby

from generator.model import Expect, Report, Status, Verdict

_MARKS: Mapping[Status, tuple[str, str]] = {
    "pass": ("ok", "32"),
    "fail": ("FAIL", "1;31"),
    "unobserved": ("UNSEEN", "1;31"),
    "blocked": ("blocked", "33"),
    "skipped": ("skipped", "33"),
}

_NO_MARK = " " * 7  # the raw image has one verdict, whatever the number of boots

_NOTHING = "the profile expects nothing, so nothing was proven"
_EMPTY = Verdict(Expect("suite.empty", "suite", "", (), "at least one check", _NOTHING), 0, "unobserved", _NOTHING)


def text(report: Report, colour: bool = False) -> str:
    """For people: a line for each check with a column for each boot, then what failed and what breaks by it."""
    lines = [f"{_printable(report.subject)} against {report.profile}", ""]
    boots = sorted({verdict.boot for verdict in report.verdicts if verdict.boot})
    width = max((len(verdict.expect.id) for verdict in report.verdicts), default=0)
    for check, found in groupby(sorted(report.verdicts, key=_in_order(report)), key=lambda verdict: verdict.expect.id):
        rows = list(found)
        marks = "  ".join([*(_mark(row.status, colour) for row in rows), *[_NO_MARK] * (len(boots) - len(rows))])
        lines.append(f"  {check:<{width}}  {marks}  {_told(rows[-1])}")
    lines += ["", *_summary(report, len(boots), colour)]
    return "\n".join(lines) + "\n"


def _in_order(report: Report) -> Callable[[Verdict], tuple[int, int]]:
    order = {verdict.expect.id: number for number, verdict in reversed(list(enumerate(report.verdicts)))}
    return lambda verdict: (order[verdict.expect.id], verdict.boot)


def _mark(status: Status, colour: bool) -> str:
    word, code = _MARKS[status]
    return f"\x1b[{code}m{word:<7}\x1b[0m" if colour else f"{word:<7}"


def _told(verdict: Verdict) -> str:
    found = _printable(verdict.found)
    return f"wanted {verdict.expect.want}, found {found}" if verdict.status == "fail" else found


def _summary(report: Report, boots: int, colour: bool) -> list[str]:
    bad = [verdict for verdict in report.verdicts if verdict.status in ("fail", "unobserved")]
    if not report.verdicts:
        return [f"FAILED: {_NOTHING}"]
    checks = len({verdict.expect.id for verdict in report.verdicts})
    if report.ok:
        left = len({verdict.expect.id for verdict in report.verdicts if verdict.status == "skipped"})
        more = f", {left} of them skipped" if left else ""
        return [f"{_mark('pass', colour).strip()}: {checks} checks in {boots} boots{more}, {report.seconds:.0f} s"]
    settings = {verdict.expect.setting: verdict.expect.breaks for verdict in bad}
    lines = [f"{_mark('fail', colour).strip()}: {setting}: {breaks}" for setting, breaks in settings.items()]
    return [*lines, f"{len({verdict.expect.id for verdict in bad})} of {checks} checks failed, {report.seconds:.0f} s"]


def as_json(report: Report) -> str:
    """For programs; the keys are a contract."""
    document = {
        "subject": report.subject,
        "profile": report.profile,
        "ok": report.ok,
        "seconds": round(report.seconds, 1),
        "failed_settings": list(
            dict.fromkeys(v.expect.setting for v in report.verdicts if v.status in ("fail", "unobserved"))
        ),
        "verdicts": [
            {
                "check": verdict.expect.id,
                "setting": verdict.expect.setting,
                "boot": verdict.boot,
                "status": verdict.status,
                "want": verdict.expect.want,
                "found": verdict.found,
                "breaks": verdict.expect.breaks,
            }
            for verdict in report.verdicts
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def junit(report: Report) -> str:
    """For CI systems. A blocked check counts as skipped: what blocks it has failed already."""
    verdicts = _cases(report)
    counts = {status: sum(v.status == status for v in verdicts) for status in _MARKS}
    suite = ET.Element(
        "testsuite",
        name=f"nodebake verify {report.profile}",
        tests=str(len(verdicts)),
        failures=str(counts["fail"]),
        errors=str(counts["unobserved"]),
        skipped=str(counts["blocked"] + counts["skipped"]),
        time=f"{report.seconds:.1f}",
    )
    for verdict in verdicts:
        case = ET.SubElement(suite, "testcase", classname=verdict.expect.setting, name=_case(verdict))
        tag = {"fail": "failure", "unobserved": "error", "blocked": "skipped", "skipped": "skipped"}.get(verdict.status)
        if tag:
            ET.SubElement(case, tag, message=_printable(_told(verdict))).text = _printable(verdict.expect.breaks)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _printable(value: str) -> str:
    """A guest's words, without what a terminal would obey and XML cannot write."""
    return "".join(character if character.isprintable() else "?" for character in value)


def _cases(report: Report) -> tuple[Verdict, ...]:
    """The verdicts; of an empty suite one that fails, for what reads a report without a case takes it for a success."""
    return report.verdicts or (_EMPTY,)


def _case(verdict: Verdict) -> str:
    return f"{verdict.expect.id} (boot {verdict.boot})" if verdict.boot else verdict.expect.id


def tap(report: Report) -> str:
    """Test Anything Protocol, version 13."""
    lines = ["TAP version 13", f"1..{len(_cases(report))}"]
    for number, verdict in enumerate(_cases(report), 1):
        word = "ok" if verdict.status in ("pass", "skipped") else "not ok"
        directive = f" # SKIP {_printable(verdict.found)}" if verdict.status == "skipped" else ""
        lines.append(f"{word} {number} - {_case(verdict)}{directive}")
        if verdict.status not in ("pass", "skipped"):
            lines.append(f"# {verdict.status}: {_printable(_told(verdict))}")
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text, "json": as_json, "junit": junit, "tap": tap}
