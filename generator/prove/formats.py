"""A proof for programs (JSON, JUnit XML) and for a page (Markdown)."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from generator import __version__
from generator.errors import visible
from generator.prove import matrix, text
from generator.prove.record import Proof, Trial

_PAGE = 110  # columns of a page's matrix


def as_json(proof: Proof) -> str:
    """The keys are a contract."""
    document = {
        "subject": proof.subject,
        "image_sha256": proof.sha256,
        "profile": proof.profile,
        "profile_sha256": proof.profile_sha256,
        "distro": proof.distro,
        "ok": proof.ok,
        "faults": len(proof.trials),
        "killed": proof.killed,
        "partial": proof.partial,
        "unproven": list(proof.unproven),
        "checks": [expect.id for expect in proof.expects],
        "trials": [_record(trial) for trial in proof.trials],
        "host": proof.host,
        "seconds": round(proof.seconds, 1),
        "booted": proof.booted,
        "bare_boot_seconds": None if proof.bare is None else round(proof.bare, 1),
    }
    return json.dumps(document, indent=2) + "\n"


def _record(trial: Trial) -> dict[str, Any]:
    shown = sorted(trial.fault.red | trial.red)
    return {
        "fault": trial.fault.id,
        "setting": trial.fault.setting,
        "story": trial.fault.story,
        "verdict": trial.verdict,
        "predicted": sorted(trial.fault.red),
        "red": sorted(trial.red),
        "missed": list(trial.missed),
        "collateral": list(trial.collateral),
        "found": {check: trial.found[check] for check in shown if check in trial.found},
        "lost": trial.lost,
        "seconds": round(trial.seconds, 1),
        "cpu_seconds": round(trial.cpu_seconds, 1),
        "known": trial.known,
    }


def junit(proof: Proof) -> str:
    """A case for each fault, and one for each check that none of them proves."""
    suite = ET.Element("testsuite", name=f"nodebake prove {proof.profile}", time=f"{proof.seconds:.1f}")
    for trial in proof.trials:
        case = ET.SubElement(suite, "testcase", classname=trial.fault.setting, name=trial.fault.id)
        case.set("time", f"{trial.seconds:.1f}")
        if trial.verdict != "killed":
            message = f"{trial.verdict}: {trial.fault.story}"
            ET.SubElement(case, "failure", message=visible(message)).text = "\n".join(text.why(trial))
    for check in proof.unproven:
        case = ET.SubElement(suite, "testcase", classname="unproven", name=check)
        ET.SubElement(case, "failure", message="no fault turns this check red")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def markdown(proof: Proof) -> str:
    """A page, with the day on which it was made."""
    rate = "\n".join(text.summary(proof))
    lines = [
        f"# The mutation gate: {proof.profile} on {proof.distro}",
        "",
        "Each fault was seeded into a copy of the good image, which was then read, and booted once where a check of",
        "a boot is predicted to turn red: exactly the checks that were predicted must turn red. `make prove` writes",
        "this page.",
        "",
        f"- on {datetime.now(UTC):%Y-%m-%d}, by nodebake {__version__}, {proof.host}",
        f"- image: sha256 `{proof.sha256}`",
        f"- profile: sha256 `{proof.profile_sha256}`",
        *(f"- {line}" for line in rate.splitlines()),
        "",
        "```text",
        *matrix.lines(proof, _PAGE),
        "```",
        "",
        *_wrong(proof),
        "## The faults",
        "",
        "| fault | what happens | checks that turn red | |",
        "|---|---|---|---|",
        *(_row(trial) for trial in proof.trials),
    ]
    return "\n".join(lines) + "\n"


def _wrong(proof: Proof) -> Iterator[str]:
    found = list(text.findings(proof))
    if found:
        yield from ("## What is wrong", "", "```text", *found, "```", "")


def _row(trial: Trial) -> str:
    red = "all: the guest was lost" if trial.lost else ", ".join(f"`{check}`" for check in sorted(trial.red)) or "none"
    return f"| `{trial.fault.id}` | {_cell(trial.fault.story)} | {red} | {trial.verdict} |"


def _cell(story: str) -> str:
    return visible(story).replace("|", "\\|").replace("<", "&lt;")


FORMATS = {"json": as_json, "junit": junit, "markdown": markdown}
