"""What manifest.json says of the forms of an image, which lie beside it: their names, and the sha256 of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import output, whole

if TYPE_CHECKING:
    from generator.forms.convert import Made

Document = dict[str, Any]


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The lock of a folder in which a manifest speaks of an image; of another there is none. Raises LockedError."""
    if (folder / output.MANIFEST).is_file():
        with output.hold(folder):
            yield
    else:
        yield


def add(folder: Path, digest: str, made: Sequence[Made]) -> None:
    """Name forms of the image with this sha256, if the manifest in a folder speaks of it. Raises ToolError."""
    document = output.read_manifest(folder)
    told = document.get("image")
    if about(told, digest):
        assert isinstance(told, dict)  # noqa: S101 - there would be nothing about an image
        told["forms"] = {**(told.get("forms") or {}), **entries(made)}
        with whole.file(folder / output.MANIFEST, 0o644) as out:
            out.write((json.dumps(document, indent=2, sort_keys=True) + "\n").encode())


def named(made: Sequence[Made]) -> Document:
    """What a manifest says of an image that has these forms: nothing where there are none."""
    return {"forms": entries(made)} if made else {}


def entries(made: Sequence[Made]) -> dict[str, dict[str, str]]:
    """What is said of each form, by its name."""
    return {one.form.name: {"file": one.path.name, "sha256": one.sha256} for one in made}


def about(told: object, digest: str) -> Document:
    """What a manifest tells of the image with this sha256, or of the image of which this is a form; {} if nothing."""
    if not isinstance(told, dict):
        return {}
    named = told.get("forms")
    forms = named.values() if isinstance(named, dict) else ()
    for one in (told, *(form for form in forms if isinstance(form, dict))):
        if one.get("sha256") == digest:
            return {**told, "file": one.get("file"), "sha256": digest}
    return {}


def built(folder: Path) -> str:
    """The name of the image that was built into a folder, by its manifest; "" where it has none."""
    told = output.read_manifest(folder).get("image")
    return str(told.get("file", "")) if isinstance(told, dict) else ""
