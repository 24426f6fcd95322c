"""What became of a run, as one table for a terminal, as JSON, and as JUnit XML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.base.keys import Looked
from generator.errors import visible
from generator.pipeline import outcome, sentences
from generator.pipeline.outcome import STAGES, Outcome, Stage
from generator.report.told import printable

if TYPE_CHECKING:
    from generator.pipeline import Ran

_MARKS = {"done": ("ok", "32"), "kept": ("kept", "36"), "failed": ("FAIL", "1;31")}
_LARGEST = 16 << 20  # bytes of another XML that is taken in
_WIDTH = 10


def text(ran: Ran, *, colour: bool = False, explain: bool = False) -> str:
    """A line for each image and a column for each stage; then what failed, and why what was done was done."""
    stages = [name for name in STAGES if any(one.stage(name) for one in ran.outcomes)]
    width = max((len(one.cell) for one in ran.outcomes), default=0)
    lines = [f"{'image':<{width}}  {''.join(f'{name:<{_WIDTH}}' for name in stages)}".rstrip()]
    for one in ran.outcomes:
        marks = "".join(_mark(one.stage(name), colour) for name in stages)
        lines.append(f"{one.cell:<{width}}  {marks}".rstrip())
    for one in ran.outcomes:
        lines += _failed(one)
    if explain:
        lines += ["", *_explained(ran.outcomes)]
    failed, published = sum(not one.ok for one in ran.outcomes), sum(bool(one.place) for one in ran.outcomes)
    lines += ["", sentences.summary(len(ran.outcomes), failed, published, ran.seconds)]
    return "\n".join(lines) + "\n"


def _mark(stage: Stage | None, colour: bool) -> str:
    if stage is None:
        return f"{'-':<{_WIDTH}}"
    word, code = _MARKS[stage.status]
    took = f" {stage.seconds:.0f} s" if stage.status != "kept" and stage.seconds >= 1 else ""
    padded = f"{word}{took}".ljust(_WIDTH)
    return f"\x1b[{code}m{padded}\x1b[0m" if colour else padded


def _failed(one: Outcome) -> Iterator[str]:
    stage = one.failure
    if stage is not None:
        first, *more = stage.told.split("\n")
        yield ""
        yield visible(f"FAIL: {one.cell}: {stage.name}: {first}")
        yield from (visible(line.expandtabs()) for line in more)
        if stage.hint:
            yield visible(f"  {stage.hint}")


def _explained(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Every key that was looked for, whether something was there, and why, or why not."""
    rows = [
        (one.cell, looked.what, looked.key, "hit" if looked.hit else "miss", looked.reason)
        for one in outcomes
        for looked in (*one.looks, *map(_as_look, one.stages))
        if looked.key
    ]
    widths = [max((len(row[number]) for row in rows), default=0) for number in range(4)]
    for row in rows:
        yield visible("  ".join([*(f"{row[number]:<{widths[number]}}" for number in range(4)), row[4]]))


def _as_look(stage: Stage) -> Looked:
    return Looked(stage.name, stage.key, stage.status == "kept", stage.reason)


def as_json(ran: Ran) -> str:
    """The keys are a contract."""
    document = {
        "pipeline": ran.name,
        "ok": ran.ok,
        "seconds": round(ran.seconds, 1),
        "images": outcome.as_data(ran.outcomes),
    }
    return json.dumps(document, indent=2) + "\n"


def junit(ran: Ran) -> str:
    """A suite for each image with a case for each stage, and beside it those that verify and prove have written."""
    suites = ET.Element("testsuites", name=f"nodebake pipeline {printable(ran.name)}", time=f"{ran.seconds:.1f}")
    for one in ran.outcomes:
        suites.append(_suite(one))
        suites.extend(_beside(one))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(one: Outcome) -> ET.Element:
    suite = ET.Element("testsuite", name=printable(one.cell), tests=str(len(one.stages)), errors="0", skipped="0")
    suite.set("failures", str(int(one.failure is not None)))
    suite.set("time", f"{sum(stage.seconds for stage in one.stages):.1f}")
    if one.image_sha256:
        rows = ET.SubElement(suite, "properties")
        ET.SubElement(rows, "property", name="image_sha256", value=one.image_sha256)
    for stage in one.stages:
        case = ET.SubElement(suite, "testcase", classname=printable(one.cell), name=stage.name)
        case.set("time", f"{stage.seconds:.1f}")
        if stage.status == "failed":
            first, *more = stage.told.split("\n")
            failure = ET.SubElement(case, "failure", message=printable(first))
            failure.text = "\n".join(printable(line.expandtabs()) for line in (*more, stage.hint))
    return suite


def _beside(one: Outcome) -> Iterator[ET.Element]:
    """The suites of the stages that came to an end: of those that failed, too, for these say what was red."""
    for name in ("verify", "prove"):
        stage, path = one.stage(name), Path(one.folder, f"{name}.xml")
        if stage is not None and one.folder and path.is_file() and path.stat().st_size <= _LARGEST:
            try:
                suite = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own, and of this image
            except (OSError, ValueError, ET.ParseError):
                continue
            suite.set("name", f"{printable(one.cell)}: {suite.get('name', name)}")
            yield suite
