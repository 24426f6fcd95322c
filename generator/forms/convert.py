"""An image -> the files in which it goes elsewhere: by qemu-img with the options of a row, looked at, put in place.

Each is made in a folder of its own beside its place, and appears there whole. What qemu-img wrote is compared with the
image, block by block: a file that holds another disk is not put anywhere.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import errors, guest, output, proc, progress
from generator.base import cache, inspect
from generator.forms import Form, look, manifest, sentences, stamp, stem
from generator.forms.reading import Readable, readable
from generator.image import result, room
from generator.model import Image
from generator.sentences import places

_KIB = 1 << 10
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A file in one form; `sha256` is of that file."""

    form: Form
    path: Path
    sha256: str


def convert(image: Path, wanted: Sequence[Form], folder: Path | None = None) -> list[Made]:
    """Write an image in each form, into `folder`, else beside the image; its manifest then names those beside it.

    Raises a refusal for what is no image, or would be overwritten by itself; ToolError; LockedError where somebody
    builds the image anew. Where one fails, those before it are there.
    """
    if not image.is_file():
        raise errors.no_image(str(image))
    look.golden(image)
    place = folder or image.parent
    targets = _targets(image, wanted, place)
    with manifest.held(place.resolve()), progress.task(f"convert {image.name}") as task:
        digest = cache.digest(image)
        made = []
        for form in wanted:
            task.say(form.title)
            made.append(_put(image, digest, form, targets[form.name]))
            manifest.add(place.resolve(), digest, made)
    return made


def _targets(image: Path, wanted: Sequence[Form], place: Path) -> dict[str, Path]:
    """Where each goes, in a folder that is there then. Raises a refusal."""
    if place.exists() and not place.is_dir():
        raise sentences.no_folder(str(place))
    targets = {form.name: place / f"{stem(image)}{form.suffix}" for form in wanted}
    for target in targets.values():
        if target.exists() and target.samefile(image):
            raise sentences.itself(str(target))
        if target.name == manifest.built(place):
            raise sentences.was_built(str(target))
    with output.writing(place):
        place.mkdir(parents=True, exist_ok=True)
    return targets


def _put(image: Path, digest: str, form: Form, target: Path) -> Made:
    with output.writing(target), room.stage(target.parent, target.name) as stage:
        source = readable(image, stage)
        made = make(source, digest, form, stage / target.name)
        result.put(made, target)
    return Made(form, target, made.sha256)


def beside(image: Image, wanted: Sequence[Form], name: str, say: Callable[[str], None]) -> list[Made]:
    """Other forms of an image that was just built and has no place yet, in its folder. Raises ToolError."""
    made = []
    for form in wanted:
        say(f"writing {form.title}")
        target = image.path.with_name(f"{name}{form.suffix}")
        made.append(Made(form, target, make(Readable(image.path, "qcow2"), image.sha256, form, target).sha256))
    return made


def make(source: Readable, origin: str, form: Form, target: Path) -> Image:
    """Write one form to `target`, in whose folder there may be other files while that is done; it is on the disk then.

    `origin` is the sha256 of the image, of which the file gets its identifiers. Raises ToolError.
    """
    _preflight(source, form, target.parent)
    aligned = _aligned(source, form, target)
    written = target.with_name(f"{target.name}.raw") if form.pack else target
    both: list[str | Path] = [aligned.path.absolute(), written.absolute()]
    proc.run(["qemu-img", "convert", "-f", aligned.driver, *form.written, *both])
    stamp.stamped(form.stamp, written, origin)
    proc.run(["qemu-img", "compare", "-q", "-f", aligned.driver, "-F", form.driver, *both])
    if form.pack:
        _pack(form, written, target)
    if aligned != source:
        aligned.path.unlink()
    return result.sealed(target)


def _pack(form: Form, written: Path, target: Path) -> None:
    proc.run([*form.pack, "-o", str(target.absolute()), str(written.absolute())])
    proc.run([form.pack[0], "-q", "-t", target.absolute()])
    written.unlink()


def _aligned(source: Readable, form: Form, target: Path) -> Readable:
    """The image, or an overlay on it that makes its disk as large as the form wants it."""
    size = inspect.standalone(source.path.absolute(), source.driver, str(source.path))
    more = -size % (form.align_kib * _KIB) if form.align_kib else 0
    if not more:
        return source
    larger = guest.overlay(source.path, target.with_name(f"{target.name}.aligned"), source.driver)
    proc.run(["qemu-img", "resize", "-q", "-f", "qcow2", larger.absolute(), str(size + more)])
    return Readable(larger, "qcow2")


def _preflight(source: Readable, form: Form, folder: Path) -> None:
    """Look for room before anything is begun. No form has more than the data, but while it is packed there are two."""
    path = str(source.path.absolute())
    asked = ["qemu-img", "measure", "--output=json", "-f", source.driver, "-O", "qcow2", path]
    need = int(json.loads(proc.run(asked))["required"]) * (2 if form.pack else 1)
    free = shutil.disk_usage(folder).free
    if free < need:
        raise places.no_room_for_image(os.fspath(folder), -(-need // _MIB), free // _MIB)
