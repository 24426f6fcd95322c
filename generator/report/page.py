"""A report as one page of HTML that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

import base64
import hashlib

from generator import render
from generator.model import Report
from generator.report import boot, told
from generator.report.matrix import Matrix

_WORDS = {"pass": "ok", "fail": "failed", "unobserved": "unseen", "blocked": "blocked", "skipped": "skipped"}


def html(report: Report, matrix: Matrix | None = None) -> str:
    """For a browser, in light and dark, on a phone and on paper. All that a guest or a file says is escaped."""
    style = render.raw("report/report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return render.page(
        "report/report.html.j2",
        report=report,
        matrix=matrix,
        other_image=bool(matrix and report.tested and matrix.image_sha256 != report.tested.image_sha256),
        style=style,
        style_digest=digest,
        boots=told.boots(report),
        booted=boot.read(report.diagnoses),
        checks=told.checks(report.verdicts),
        failed=told.checks(verdict for verdict in report.verdicts if verdict.red),
        settings={setting: told.groups(verdicts) for setting, verdicts in told.by_setting(report).items()},
        reds={setting: told.together(verdicts) for setting, verdicts in told.reds(report).items()},
        empty=told.EMPTY,
        words=_WORDS,
        met=told.met,
        boot_name=told.boot_name,
        in_boots=told.in_boots,
    )
