"""A plan -> a golden image in its output directory: base, artefacts, Packer, and the manifest last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator import base, data, guest, image, output, progress
from generator.image.login import Road
from generator.model import Artefact, BasePin, Image, Plan


def bake(
    plan: Plan, artefacts: Sequence[Artefact], directory: Path, variant: str = "stock", *, refresh: bool = False
) -> Image:
    """Build the image of a plan into `directory`, under its lock.

    Raises ToolError or GuestError; an image that was there before is then as it was.
    """
    name = plan.profile.name
    with output.hold(directory):
        start = base.obtain(plan.profile.base, variant=variant, refresh=refresh, mirror=plan.profile.mirror or None)
        output.publish(directory, plan, artefacts)
        with progress.task(f"bake {name}") as task:
            made = image.build(
                image.Request(
                    name=name,
                    base=start,
                    upload=directory / "packer" / "upload",
                    out=directory / f"{name}.qcow2",
                    logs=directory / "logs",
                    accel=guest.probe(),
                    task=task,
                    needs_network="packages" in plan.settings,
                    road=_road(plan),
                    cpus=data.guest_cpus(),
                    scratch=directory.parent,
                )
            )
        output.publish(directory, plan, artefacts, _told(plan, start, made, variant))
    return made


def _road(plan: Plan) -> Road:
    """A base that nodebake built is known to take credentials, which spares it cloud-init; another may be older."""
    return "seed" if isinstance(plan.profile.base, BasePin) else "credential"


def _told(plan: Plan, start: Image, made: Image, variant: str) -> dict[str, str]:
    named = plan.profile.base
    return {
        "file": made.path.name,
        "sha256": made.sha256,
        "profile_sha256": plan.profile.digest,
        "base": named.url if isinstance(named, BasePin) else named,
        "base_sha256": start.sha256,
        "base_variant": variant,
    }
