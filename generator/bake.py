"""A plan -> a golden image in its output directory: base, artefacts, Packer, and the manifest last."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    observation,
    output,
    progress,
    scratch,
)
from generator.base import lock
from generator.formats import observer
from generator.forms import Form, convert, manifest
from generator.image.login import Road
from generator.model import Artefact, BasePin, Expect, Image, Plan

_UPLOAD = "packer/upload/"


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
    with output.hold(directory), _upload(artefacts) as upload:
        start = base.obtain(plan.profile.base, variant=variant, refresh=refresh, mirror=plan.profile.mirror or None)
        held = _held(locked, plan, start, variant)
        with progress.task(f"bake {name}") as task:

            def put(made: Image) -> None:
                others = convert.beside(made, forms, name, task.say)
                told = {**_told(plan, start, variant, made), **held, **manifest.named(others)}
                output.publish(directory, plan, artefacts, told, [made.path, *(one.path for one in others)])

            return image.build(
                image.Request(
                    name=name,
                    base=start,
                    upload=upload,
                    out=directory / f"{name}.qcow2",
                    logs=directory / "logs",
                    accel=guest.probe(),
                    task=task,
                    needs_network="packages" in plan.settings,
                    road=_road(plan),
                    cpus=data.guest_cpus(),
                    scratch=directory.parent,
                    judge=functools.partial(look, plan),
                    put=put,
                )
            )


@contextmanager
def _upload(artefacts: Sequence[Artefact]) -> Iterator[Path]:
    """What Packer takes into the guest. It stands in the output directory only when the image does."""
    with scratch.folder(scratch.usual(), "nodebake-upload.") as folder:
        with output.writing(folder):
            for artefact in artefacts:
                if artefact.path.startswith(_UPLOAD):
                    output.write(folder / artefact.path.removeprefix(_UPLOAD), artefact.content, artefact.mode)
        yield folder


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


def _road(plan: Plan) -> Road:
    """A base that nodebake built is known to take credentials, which spares it cloud-init; another may be older."""
    return "seed" if isinstance(plan.profile.base, BasePin) else "credential"


def _told(plan: Plan, start: Image, variant: str, made: Image) -> dict[str, str]:
    named = plan.profile.base
    return {
        "file": made.path.name,
        "sha256": made.sha256,
        "profile_sha256": plan.profile.digest,
        "base": named.url if isinstance(named, BasePin) else named,
        "base_sha256": start.sha256,
        "base_variant": variant,
        "tool": f"nodebake {__version__}",
    }
