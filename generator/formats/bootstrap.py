"""bootstrap.sh: makes a running machine what the profile says."""

from __future__ import annotations

from generator.formats import _script
from generator.model import Artefact, Plan


def artefacts(plan: Plan) -> tuple[Artefact, ...]:
    """One POSIX sh script that carries every file."""
    return (Artefact("bootstrap.sh", _script.script(plan, "bootstrap/bootstrap.sh.j2", _script.embedded), 0o700),)
