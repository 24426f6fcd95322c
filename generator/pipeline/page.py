"""A run as one page of HTML that needs nothing else, in the dress of a report's (report/page.py)."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from generator import __version__, render
from generator.pipeline.outcome import STAGES, Outcome

if TYPE_CHECKING:
    from generator.pipeline import Ran

_WORDS = {"done": "ok", "kept": "kept", "failed": "failed"}
_MARKS = {"done": "pass", "kept": "pass", "failed": "fail"}  # classes of report.css

_PAGES = (("report", "verify.html", "verify"), ("verdicts", "verify.json", "verify"), ("proof", "proof.json", "prove"))


def html(ran: Ran, beside: Path) -> str:
    """`beside` is the folder that the page will be in: from there its links go."""
    style = render.raw("report/report.css") + render.raw("pipeline/index.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    bases = list(dict.fromkeys(one.base for one in ran.outcomes))
    return render.page(
        "pipeline/index.html.j2",
        ran=ran,
        style=style,
        style_digest=digest,
        bases=bases,
        rows=list(_rows(ran, bases)),
        stages=[name for name in STAGES if any(one.stage(name) for one in ran.outcomes)],
        failed=[one for one in ran.outcomes if one.failure],
        published=sum(bool(one.place) for one in ran.outcomes),
        kept=sum(one.unchanged for one in ran.outcomes),
        links={one.cell: dict(_links(one, beside)) for one in ran.outcomes},
        words=_WORDS,
        marks=_MARKS,
        tool=f"nodebake {__version__}",
        when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _rows(ran: Ran, bases: list[str]) -> Iterator[tuple[str, str, list[Outcome | None]]]:
    """Profiles and versions down, bases across: the image of each, where there is one."""
    places = {(one.profile, one.kubernetes, one.base): one for one in ran.outcomes}
    for profile, version in dict.fromkeys((one.profile, one.kubernetes) for one in ran.outcomes):
        yield profile, version, [places.get((profile, version, base)) for base in bases]


def _links(one: Outcome, beside: Path) -> Iterator[tuple[str, str]]:
    """The pages of one image that this run speaks of: as relative addresses, so that the folder may move.

    What a stage that was not come to has left there is of another image.
    """
    for title, name, stage in _PAGES:
        path = Path(one.folder, name)
        if one.folder and one.stage(stage) and path.is_file():
            yield title, quote(os.path.relpath(path, beside))
