"""A plan -> a golden image in its output directory: base, artefacts, Packer, and the manifest last."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path

from generator import (
    __version__,
    base,
    checks,
    data,
    errors,
    guest,
    image,
    judge,
    layers,
    mirror,
    observation,
    output,
    progress,
)
from generator.base import lock
from generator.formats import observer
from generator.forms import Form, convert, manifest
from generator.model import Artefact, BasePin, Expect, Image, Plan


def bake(  # noqa: PLR0913 - they are the command line's
    plan: Plan,
    artefacts: Sequence[Artefact],
    directory: Path,
    variant: str = "stock",
    *,
    refresh: bool = False,
    locked: Path | None = None,
    forms: Sequence[Form] = (),
) -> Image:
    """Build the image of a plan into `directory`, under its lock, of a base that is what the file `locked` says.

    `forms` are further files of the same disk, which appear in one step with it. Raises ToolError or GuestError, and
    CheckFailed where the base is another, or the next boot of the image would not have it as the profile says; what was
    there before is then as it was, but for logs/.
    """
    name = plan.profile.name
    with output.hold(directory), layers.uploaded(artefacts) as upload:
        start = base.obtain(plan.profile.base, variant=variant, refresh=refresh, mirror=plan.profile.mirror or None)
        held = {**_held(locked, plan, start, variant), **mirror.bring(plan, upload)}
        begun = layers.packages(plan, start, layers.Bench(directory / "logs", refresh))
        with progress.task(f"bake {name}") as task:

            def put(made: Image) -> None:
                others = convert.beside(made, forms, name, task.say)
                told = {**_told(plan, start, variant, made), **_layer(start, begun), **held, **manifest.named(others)}
                output.publish(directory, plan, artefacts, told, [made.path, *(one.path for one in others)])

            return image.build(
                image.Request(
                    name=name,
                    base=begun,
                    upload=upload,
                    out=directory / f"{name}.qcow2",
                    logs=directory / "logs",
                    accel=guest.probe(),
                    task=task,
                    needs_network="packages" in plan.settings,
                    road=layers.road(plan),
                    cpus=data.guest_cpus(),
                    scratch=directory.parent,
                    judge=functools.partial(look, plan),
                    put=put,
                )
            )


def _held(locked: Path | None, plan: Plan, start: Image, variant: str) -> dict[str, str]:
    """What the manifest says of the lock that was held."""
    if locked is None:
        return {}
    wanted, sha256 = lock.read(locked)
    lock.hold(str(locked), wanted, lock.of(plan.profile.base, start, variant))
    return {"lock_sha256": sha256}


def look(plan: Plan, lines: Sequence[str], failed_step: str) -> None:
    """What a reboot would undo is seen in the guest of the build. Where a step failed, its setting alone is judged."""
    watched = checks.at_build(plan)
    verdicts = judge.boots(watched, [observation.read(lines, observer.commands(watched))])
    failed = [step.setting for step in plan.steps if re.match(f"{re.escape(step.name)}($|:| \\()", failed_step)]
    red = [v for v in verdicts if v.status != "pass" and (not failed_step or _stem(v.expect) in failed)]
    if red:
        rows = [(verdict.expect.id, verdict.found, verdict.expect.want) for verdict in red]
        raise errors.image_refused_by_checks(rows, checks.KINDS[red[0].expect.kind].remedy)


def _stem(expect: Expect) -> str:
    return expect.setting.partition(".")[0]


def _layer(start: Image, begun: Image) -> dict[str, str]:
    """What the manifest says of the packages layer that the last bake began with."""
    return {} if begun == start else {"layer_sha256": begun.sha256}


def _told(plan: Plan, start: Image, variant: str, made: Image) -> dict[str, str]:
    named = plan.profile.base
    return {
        "file": made.path.name,
        "sha256": made.sha256,
        "profile_sha256": plan.profile.digest,
        "base": named.told if isinstance(named, BasePin) else named,
        "base_sha256": start.sha256,
        "base_variant": variant,
        "tool": f"nodebake {__version__}",
    }
