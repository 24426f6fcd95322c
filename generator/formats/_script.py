"""The shell script that two formats share: every file and step of a plan, in order."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from generator import data, render
from generator.model import File, Plan


@dataclass(frozen=True, slots=True)
class Item:
    """One command of the script. `tag` ends `content` as a here-document; `source` is a file to read instead."""

    words: tuple[str, ...]
    heading: str = ""
    tag: str = ""
    content: str = ""
    source: str = ""


FileItem = Callable[[int, File], Item]


def script(plan: Plan, template: str, file_item: FileItem) -> bytes:
    """Render a script; `file_item` says how its road brings a file (counted from 0)."""
    libraries = [*_library("lib"), *(library for stem in plan.settings for library in _library(stem))]
    return render.template(
        template,
        header=render.header(plan.profile),
        digest=plan.profile.digest,
        libraries=[_without_directive(library) for library in libraries],
        items=tuple(_items(plan, file_item)),
    ).encode()


def _library(stem: str) -> Iterator[str]:
    """The shell functions of a stem: its steps, and what it shares with scripts that lie on a node or observe it."""
    folder = data.TEMPLATES / stem
    for path in (*sorted((folder / "functions").glob("*.sh")), folder / "steps.sh"):
        if path.is_file():
            yield render.raw(f"{stem}/{path.relative_to(folder)}")


def _without_directive(library: str) -> str:
    """The directives are for a library alone; in the whole script there is nothing to silence."""
    lines = [line for line in library.splitlines() if not line.startswith("# shellcheck ")]
    return "\n".join(lines).strip("\n") + "\n"


def _items(plan: Plan, file_item: FileItem) -> Iterator[Item]:
    """Setting by setting: its files, then its steps. After the packages, the files of accounts that they make."""
    numbers = {file.path: number for number, (_, file) in enumerate(plan.files)}
    stems = list(plan.settings)
    before = stems[: stems.index("packages")] if "packages" in stems else []
    late = {file.path for owner, file in plan.files if file.late and owner in before}
    for stem in plan.settings:
        items = [file_item(numbers[f.path], f) for owner, f in plan.files if owner == stem and f.path not in late]
        items += [Item(("step", step.name, *step.call)) for step in plan.steps if step.setting == stem]
        if stem == "packages":
            items += [file_item(numbers[file.path], file) for _, file in plan.files if file.path in late]
        whys = dict.fromkeys(step.why for step in plan.steps if step.setting == stem and step.why)
        for number, item in enumerate(items):
            yield dataclasses.replace(item, heading="" if number else ": ".join([stem, *whys]))


def _attributes(file: File) -> tuple[str, ...]:
    return (f"file {file.path}", file.path, f"{int(file.mode, 8):o}", file.owner, file.group)


def embedded(_number: int, file: File) -> Item:
    """The file's content stands in the script: as it is where a here-document can carry it, else in base64."""
    tag = f"END_{hashlib.sha256(file.content).hexdigest()[:8]}"
    text = plain_text(file.content)
    if text is not None and tag not in text:
        return Item(("file_text", *_attributes(file)), tag=tag, content=text)
    encoded = textwrap.fill(base64.b64encode(file.content).decode(), 76) + "\n"
    return Item(("file_base64", *_attributes(file)), tag=tag, content=encoded)


def uploaded(number: int, file: File) -> Item:
    """The file lies beside the script, under a number: its name on the host is ours, not the profile's."""
    return Item(("file_text", *_attributes(file)), source=f"files/{number:04d}")


def laid(_number: int, file: File) -> Item:
    """Somebody else wrote the file; the script looks whether it did."""
    digest = hashlib.sha256(file.content).hexdigest()
    name, path, *rest = _attributes(file)
    return Item(("step", name, "file_laid", path, *rest, digest))


def plain_text(content: bytes) -> str | None:
    """The text, if it is whole lines of characters that can be seen; None if it is not."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    whole = not text or text.endswith("\n")
    return text if whole and all(part.isprintable() for part in text.replace("\t", " ").split("\n")) else None
