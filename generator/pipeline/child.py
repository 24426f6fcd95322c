"""A process that makes one image of a pipeline: its command line, and what it answers."""

from __future__ import annotations

import json
import sys

from generator import errors
from generator.pipeline import outcome, sentences
from generator.pipeline.outcome import Outcome
from generator.pipeline.work import Work

# Lines that come from several at once are no bars.
ENVIRONMENT = {"CI": "1"}


def argv(work: Work, source: str, until: str) -> list[str]:
    """The command that makes this image and no other, and tells of it in JSON."""
    words = [sys.executable, "-m", "generator", "pipeline", "run", "--only", _plain(work.cell.id)]
    words += ["-o", str(work.out), "--until", until, "--format", "json"]
    words += ["--guests", str(work.guests)] if work.guests else []
    words += ["--reread"] if work.reread else []
    words += ["--bake-anew"] if work.fresh else []
    return [*words, "--", source]


def _plain(name: str) -> str:
    """A name as a pattern that only it matches."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)


def answer(work: Work, code: int, text: str) -> Outcome:
    """What it printed; where that is nothing of the kind, a failure with its exit code."""
    try:
        (told,) = json.loads(text)["images"]
        return outcome.of_data(told)
    except (ValueError, KeyError, TypeError, RecursionError):
        cell = work.cell
        error = sentences.foreign_answer(cell.id, code)
        failed = outcome.Stage("check", "failed", error.sentence, hint=error.hint)
        return Outcome(cell.id, cell.profile, cell.base, cell.kubernetes, (failed,), code=code or errors.TOOL)
