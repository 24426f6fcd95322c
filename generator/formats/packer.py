"""What Packer is given: a JSON var-file, and a tree to upload: two scripts, each file under a number, and the paths."""

from __future__ import annotations

import json

from generator import checks
from generator.formats import _script, observer
from generator.model import Artefact, Plan

UPLOAD = "packer/upload/"


def artefacts(plan: Plan) -> tuple[Artefact, ...]:
    """Profile data reaches Packer in no other way, so nothing of it passes through HCL or Go templates."""
    variables = json.dumps({"name": plan.profile.name}, indent=2) + "\n"
    return Artefact("packer/profile.pkrvars.json", variables.encode()), *upload(plan)


def upload(plan: Plan) -> tuple[Artefact, ...]:
    """The tree alone, below UPLOAD."""
    files = tuple(
        Artefact(f"{UPLOAD}files/{number:04d}", file.content, 0o600) for number, (_, file) in enumerate(plan.files)
    )
    laid = "".join(f"{file.path}\n" for _, file in plan.files)  # what sysprep.sh leaves where it is
    script = _script.script(plan, "packer/apply.sh.j2", _script.uploaded)
    return (
        Artefact(f"{UPLOAD}apply.sh", script, 0o755),
        Artefact(f"{UPLOAD}observe.sh", observer.script(checks.at_build(plan)).encode(), 0o755),
        Artefact(f"{UPLOAD}laid", laid.encode()),
        *files,
    )
