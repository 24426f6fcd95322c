"""The layers that an image is baked in, each kept or made by what determines it.

base       base/: a distribution's packages, or an image by address
packages   the base, and the plan up to its last dear setting (settings.Setting.DEAR): what fetches and installs; and
           of later settings what they fetch (settings.Setting.fetched)
settings   all of the plan, on top of that: what is so already its steps see by looking

The packages layer has the settings before the dear ones in it as well, users and files, since a package may ask for
them: on no road do they come later. It is an image like any other, cleaned by the same last provisioner, so that a
boot of it begins as one of a base does. An edit of a later setting begins with it.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator import __version__, data, guest, image, mirror, output, progress, scratch, settings
from generator.base import cache, keys, why
from generator.formats import packer
from generator.image.login import Road
from generator.model import Artefact, BasePin, Image, Part, Plan, Profile

MIRROR = "the mirror of Kubernetes' packages"
_LAYER = "layer.qcow2"
_HERE = Path(__file__).resolve().parent
_RECIPE = tuple(_HERE / name for name in ("image/__init__.py", "image/login.py", "image/machine.py", "layers.py"))


@dataclass(frozen=True, slots=True)
class Bench:
    """What bakes share: where logs go, and whether what is kept is made anew."""

    logs: Path
    refresh: bool = False


def packages(plan: Plan, start: Image, bench: Bench) -> Image:
    """What the last bake of a plan begins with: its packages layer, kept or made, or the base where nothing is dear.

    Raises as image.build does.
    """
    lower = below(plan)
    if lower is None:
        return start
    make = functools.partial(_make, plan, lower, start, bench)
    entry = cache.obtain(f"{plan.distro.id}-layer-{begun(plan, start)}", make, refresh=bench.refresh)
    return Image(entry.folder / _LAYER, entry.sha256[_LAYER])


def begun(plan: Plan, start: Image) -> str:
    """The name of what the last bake of a plan begins with, without making it."""
    lower = below(plan)
    return "none" if lower is None else keys.named({**parts(lower, start), MIRROR: mirror.key(plan)})


def below(plan: Plan) -> Plan | None:
    """The plan up to its last dear setting, as if the profile had no others but what later ones fetch.

    None where nothing is dear. What a file says of the profile that it was made from is the same here for every profile
    with the same of this.
    """
    stems = settings.stems()
    dear = [number for number, stem in enumerate(plan.settings) if getattr(stems[stem], "DEAR", False)]
    kept = plan.settings[: dear[-1] + 1] if dear else ()
    values = {stem: plan.profile.settings[stem] for stem in kept}
    nobodys = dataclasses.replace(plan.profile, name="packages", digest="")
    digest = keys.digest(json.dumps(values, sort_keys=True) + repr(_fetched(plan, kept, nobodys)))
    profile = dataclasses.replace(nobodys, settings=values, digest=digest)
    made = {stem: stems[stem].part(values[stem], settings.Context(profile, plan.distro)) for stem in kept}
    made |= _fetched(plan, kept, dataclasses.replace(nobodys, digest=digest))
    if not made:
        return None
    return dataclasses.replace(
        plan,
        profile=profile,
        settings=tuple(made),
        files=tuple((stem, file) for stem, part in made.items() for file in part.files),
        steps=tuple(step for part in made.values() for step in part.steps),
        expects=(),
        faults=(),
    )


def _fetched(plan: Plan, kept: Sequence[str], profile: Profile) -> dict[str, Part]:
    """Of the settings that are not kept as a whole what they fetch, which may follow from any value of the profile."""
    stems, context = settings.stems(), settings.Context(profile, plan.distro)
    later = ((stem, getattr(stems[stem], "fetched", None)) for stem in plan.settings if stem not in kept)
    return {stem: fetched(profile.settings[stem], context) for stem, fetched in later if fetched}


def parts(plan: Plan, start: Image) -> keys.Parts:
    """All that determines what a plan makes of an image, by names that a person knows.

    Each setting stands for its own files and steps; `templates` are the shell functions of all, `the upload` is what
    really goes into the guest, whoever made it. A schema is no part: what it lets pass shows in the settings.
    """
    each = {
        stem: keys.digest(repr([_attributes(plan, stem), [step for step in plan.steps if step.setting == stem]]))
        for stem in plan.settings
    }
    return {
        "base": start.sha256,
        **each,
        "templates": keys.files(_templates(plan), data.TEMPLATES),
        "packer/": keys.files([path for path in data.PACKER.rglob("*") if path.is_file()], data.PACKER),
        "how it is baked": keys.files(_RECIPE, _HERE),
        "the login": road(plan),
        "nodebake": __version__,
        why.UPLOAD: keys.digest(repr([(one.path, one.mode, keys.digest(one.content)) for one in packer.upload(plan)])),
    }


def _attributes(plan: Plan, stem: str) -> list[tuple[object, ...]]:
    """Of a setting's files all but the line that names the profile, whose digest each edit changes."""
    mine = [file for owner, file in plan.files if owner == stem]
    return [(one.path, _body(one.content), one.mode, one.owner, one.group, one.late) for one in mine]


def _body(content: bytes) -> bytes:
    lines = content.split(b"\n")
    made = [number for number, line in enumerate(lines[:4]) if b"Made by nodebake " in line]
    return b"\n".join(lines[made[0] + 2 :]) if made else content


def _templates(plan: Plan) -> list[Path]:
    folders = ("lib", "bootstrap", "packer", "observer", *plan.settings)
    return [path for name in folders for path in (data.TEMPLATES / name).rglob("*") if path.is_file()]


def road(plan: Plan) -> Road:
    """A base that nodebake built is known to take credentials, which spares it cloud-init; another may be older."""
    return "seed" if isinstance(plan.profile.base, BasePin) else "credential"


@contextmanager
def uploaded(artefacts: Sequence[Artefact]) -> Iterator[Path]:
    """What Packer takes into the guest. It stands in the output directory only when the image does."""
    with scratch.folder(scratch.usual(), "nodebake-upload.") as folder:
        with output.writing(folder):
            for artefact in artefacts:
                if artefact.path.startswith(packer.UPLOAD):
                    output.write(folder / artefact.path.removeprefix(packer.UPLOAD), artefact.content, artefact.mode)
        yield folder


def _make(plan: Plan, lower: Plan, start: Image, bench: Bench, stage: Path) -> None:
    """Fill `stage` with the layer of a plan."""
    title, out = f"packages of {plan.distro.id}", stage / _LAYER
    with uploaded(packer.upload(lower)) as upload, progress.task(title) as task:
        mirror.bring_packages(plan, upload)
        image.build(
            image.Request(
                name="layer",
                base=start,
                upload=upload,
                out=out,
                logs=bench.logs / "packages",
                accel=guest.probe(),
                task=task,
                needs_network=True,
                road=road(plan),
                cpus=data.guest_cpus(),
                put=lambda made: _put(made, out),
            )
        )


def _put(made: Image, out: Path) -> None:
    """Nothing is published by this: the cache seals it, and a signal is never too late."""
    made.path.rename(out)
