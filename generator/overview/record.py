"""A plan for programs. The keys are a contract."""

from __future__ import annotations

from typing import Any

from generator.model import Expect, File, Implied, Plan
from generator.overview import Value, origin_of, values


def record(plan: Plan) -> list[dict[str, Any]]:
    """A row for each check, with the value that it checks, its origin, and the files of its setting."""
    known = {value.name: value for value in values(plan)}
    return [_row(expect, known.get(expect.setting), plan) for expect in plan.expects]


def _row(expect: Expect, value: Value | None, plan: Plan) -> dict[str, Any]:
    stem = expect.setting.partition(".")[0]
    origin = value.origin if value else origin_of(plan.profile, stem, "")
    line = value.line if value else plan.profile.place((stem,))[0]
    return {
        "setting": expect.setting,
        "check": expect.id,
        "want": expect.want,
        "breaks": expect.breaks,
        "value": value.shown if value else "",
        "origin": {"by": origin.by, "line": line, "why": origin.why, "source": origin.source},
        "overruled": [_lost(implied) for implied in origin.overruled],
        "files": [_file(file) for owner, file in plan.files if owner == stem and _of(expect, owner, file)],
    }


def _of(expect: Expect, owner: str, file: File) -> bool:
    """A file of the setting `files` belongs to its own check alone."""
    return owner != "files" or file.path in expect.args


def _lost(implied: Implied) -> dict[str, Any]:
    return {"value": implied.value, "by": implied.by, "why": implied.why, "source": implied.source}


def _file(file: File) -> dict[str, str]:
    return {"path": file.path, "mode": file.mode, "owner": file.owner, "group": file.group}
