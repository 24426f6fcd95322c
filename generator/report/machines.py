"""A report for programs: JSON, JUnit XML, TAP. What is there is a contract: keys are added, and none is renamed."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from generator.model import Report, Verdict
from generator.report import told

_TAGS = {"fail": "failure", "unobserved": "error", "blocked": "skipped", "skipped": "skipped"}


def as_json(report: Report) -> str:
    """For programs; the keys are a contract."""
    document = {
        "subject": report.subject,
        "profile": report.profile,
        "ok": report.ok,
        "seconds": round(report.seconds, 1),
        "failed_settings": list(told.reds(report)),
        "tested": dataclasses.asdict(report.tested) if report.tested else None,
        "bundle": report.bundle,
        "verdicts": [_verdict(verdict) for verdict in report.verdicts],
    }
    return json.dumps(document, indent=2) + "\n"


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.expect.id,
        "setting": verdict.expect.setting,
        "boot": verdict.boot,
        "status": verdict.status,
        "want": verdict.expect.want,
        "found": verdict.found,
        "breaks": verdict.expect.breaks,
        "causes": list(verdict.causes),
        "symptoms": [dataclasses.asdict(one) for one in told.met(verdict.expect)] if verdict.red else [],
    }


def junit(report: Report) -> str:
    """For CI systems. A blocked check counts as skipped: what blocks it has failed already."""
    report = told.shown(report)
    verdicts = _cases(report)
    counts = {status: sum(v.status == status for v in verdicts) for status in told.WORST}
    suite = ET.Element(
        "testsuite",
        name=f"nodebake verify {report.profile}",
        tests=str(len(verdicts)),
        failures=str(counts["fail"]),
        errors=str(counts["unobserved"]),
        skipped=str(counts["blocked"] + counts["skipped"]),
        time=f"{report.seconds:.1f}",
    )
    _properties(suite, report)
    for verdict in verdicts:
        case = ET.SubElement(suite, "testcase", classname=verdict.expect.setting, name=_case(verdict))
        if tag := _TAGS.get(verdict.status):
            element = ET.SubElement(case, tag, message=_told(verdict))
            element.text = "\n".join(_reasons(verdict))
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _properties(suite: ET.Element, report: Report) -> None:
    """What was tested; nothing of a node that nobody booted."""
    known = dataclasses.asdict(report.tested) if report.tested else {}
    rows = {**known, "bundle": report.bundle}
    if any(rows.values()):
        properties = ET.SubElement(suite, "properties")
        for name, value in rows.items():
            ET.SubElement(properties, "property", name=name, value=value)


def _told(verdict: Verdict) -> str:
    return f"wanted {verdict.expect.want}, found {verdict.found}" if verdict.status == "fail" else verdict.found


def _reasons(verdict: Verdict) -> Iterator[str]:
    """What breaks, and of a red one why, and what a user would meet."""
    yield verdict.expect.breaks
    yield from (f"cause: {cause}" for cause in verdict.causes)
    if verdict.red:
        yield from (f"symptom: {one.by}: {one.text}" for one in told.met(verdict.expect))


def _cases(report: Report) -> tuple[Verdict, ...]:
    """The verdicts; of an empty suite one that fails, for what reads a report without a case takes it for a success."""
    return report.verdicts or (told.EMPTY,)


def _case(verdict: Verdict) -> str:
    return verdict.expect.id if verdict is told.EMPTY else f"{verdict.expect.id} ({told.boot_name(verdict.boot)})"


def tap(report: Report) -> str:
    """Test Anything Protocol, version 13."""
    report = told.shown(report)
    lines = ["TAP version 13", f"1..{len(_cases(report))}"]
    for number, verdict in enumerate(_cases(report), 1):
        word = "ok" if verdict.status in ("pass", "skipped") else "not ok"
        directive = f" # SKIP {verdict.found}" if verdict.status == "skipped" else ""
        lines.append(f"{word} {number} - {_case(verdict)}{directive}")
        if verdict.status not in ("pass", "skipped"):
            lines.append(f"# {verdict.status}: {_told(verdict)}")
            lines += [f"# cause: {cause}" for cause in verdict.causes]
    return "\n".join(lines) + "\n"
