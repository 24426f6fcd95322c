"""observe.sh: looks at a node and prints what it saw; it judges nothing and changes nothing."""

from __future__ import annotations

from generator import checks, render
from generator.model import Artefact, Plan


def commands(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """Each command once, in the order in which the plan first needs it."""
    return tuple(dict.fromkeys(checks.command(expect) for expect in plan.expects))


def artefacts(plan: Plan) -> tuple[Artefact, ...]:
    """One POSIX sh script; lines of JSON on its standard output."""
    text = render.template("observer/observe.sh.j2", header=render.header(plan.profile), commands=commands(plan))
    return (Artefact("observe.sh", text.encode(), 0o755),)
