"""Every fault of a plan in turn, on a copy of the good image: exactly the predicted checks must turn red."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import checks, errors, guest
from generator.base import cache
from generator.formats import observer
from generator.forms import look
from generator.model import Plan
from generator.prove import bare, boots, choice, run, store
from generator.prove.record import Proof

__all__ = ["Proof", "Request", "prove"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be proven, and how. `jobs` None: as many guests side by side as this host has room for.

    `fresh` forgets what earlier runs have seen. `measure` boots the image bare as well, to hold the time against.
    """

    image: Path
    plan: Plan
    only: Sequence[str] | None = None
    jobs: int | None = None
    fresh: bool = False
    measure: bool = False


def prove(request: Request) -> Proof:
    """Boot the image without a fault, which must be all green, and under each fault; judge every boot.

    What an earlier run has seen of the same image, profile, fault and observer is not booted again. Raises CheckFailed
    where there is nothing to prove or the image is red by itself, GuestError where the image does not boot or QEMU
    went away, ToolError, LockedError, and a usage error for faults that there are not.
    """
    plan, faults = request.plan, choice.chosen(request.plan.faults, request.only)
    if not request.image.is_file():
        raise errors.no_image(str(request.image))
    look.golden(request.image)
    sha256, jobs = cache.digest(request.image), request.jobs or boots.jobs()
    circumstances = {"image": sha256, "profile": plan.profile.digest, "observer": asked(plan)}
    with store.opened(request.image, circumstances) as kept:
        taken = bare.boot(request.image, plan).seconds if request.measure else None
        batch = run.Batch(request.image, sha256, plan, faults, jobs)
        trials, seconds = run.trials(batch, kept, fresh=request.fresh)
    return Proof(
        subject=str(request.image),
        sha256=sha256,
        profile=plan.profile.name,
        profile_sha256=plan.profile.digest,
        distro=plan.distro.id,
        expects=plan.expects,
        trials=trials,
        partial=request.only is not None,
        host=f"{guest.probe().name}, {jobs} side by side",
        seconds=seconds,
        bare=taken,
    )


def asked(plan: Plan) -> str:
    """All that is asked of a guest and of the raw image."""
    asked = [checks.command(expect) for expect in checks.seen_by("image", plan.expects)]
    return store.digest(json.dumps([observer.script(plan), asked]))
