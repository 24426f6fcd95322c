"""The change between two profiles, for programs and for people."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.diff import Change, base, changes, without_effect
from generator.model import Plan

_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def record(one: Plan, other: Plan) -> dict[str, Any]:
    """For programs."""
    found = changes(one, other)
    return {
        "equal": not found,
        "from": _subject(one),
        "to": _subject(other),
        "changes": [{"how": change.how, **dataclasses.asdict(change)} for change in found],
        "without_effect": [dataclasses.asdict(change) for change in without_effect(one, other)],
    }


def _subject(plan: Plan) -> dict[str, str]:
    return {"source": plan.profile.source, "name": plan.profile.name, "base": base(plan)}


def text(one: Plan, other: Plan) -> str:
    """For people: a line for each change, in columns."""
    found = changes(one, other)
    lines = [f"from {_titled(one)}", f"to   {_titled(other)}"]
    for kind in ("base", "setting", "file", "step"):
        lines += _rows([change for change in found if change.kind == kind], kind)
    for change in without_effect(one, other):
        lines += ["", f"{change.name}: {_arrow(change)} changes nothing on the node by itself"]
    counts = [f"{sum(change.how == how for change in found)} {how}" for how in _MARKS]
    lines += ["", ", ".join(counts) if found else "no change on the node"]
    return "\n".join(lines) + "\n"


def _titled(plan: Plan) -> str:
    return f"{plan.profile.source}: {plan.profile.name} on {plan.distro.title}"


def _rows(found: Sequence[Change], kind: str) -> Iterator[str]:
    if found:
        yield from ("", kind if kind == "base" else f"{kind}s")
    width = max((len(change.name) for change in found), default=0)
    for change in found:
        by = f"  ({change.by})" if change.by else ""
        yield f"  {_MARKS[change.how]} {change.name:<{width}}  {_arrow(change)}{by}"


def _arrow(change: Change) -> str:
    """Long digests are cut: that they differ is what counts."""
    said = " -> ".join(filter(None, (change.before, change.after)))
    return _DIGEST.sub(r"\1...", said)
