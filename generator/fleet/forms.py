"""What a fleet is written as: a tree of directories, seed images, a tar, JSON lines, or one JSON map for Terraform."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from generator.fleet.documents import NAMES, Templates
from generator.fleet.iso import Seeds
from generator.fleet.template import Form, Template, Values, fixed, of

_PRIVATE = 0o600
BYTES = "surrogateescape"  # a document that is no text went through its template so
Stream = Callable[[Templates, Form, Iterable[Values], BinaryIO], None]
Folder = Callable[[Templates, Form, Iterator[Values], Path], Iterator[None]]


def _record(templates: Templates, hostname: Form) -> Template:
    """One node as a JSON object, in one line, without the brace that opens it."""
    whole = fixed('"hostname": "') + of(hostname, plain=True)
    for name, one in templates.items():
        whole = whole + fixed(f'", "{name}": "') + one.as_json()
    return whole + fixed('"}')


def lines(templates: Templates, hostname: Form, nodes: Iterable[Values], out: BinaryIO) -> None:
    """An object a line."""
    record = fixed("{") + _record(templates, hostname) + fixed("\n")
    fill, write = record.fill, out.write
    for node in nodes:
        write(fill(node).encode())


def terraform(templates: Templates, hostname: Form, nodes: Iterable[Values], out: BinaryIO) -> None:
    """One object, by host name: for_each = jsondecode(file(...))."""
    record = fixed('"') + of(hostname, plain=True) + fixed('": {') + _record(templates, hostname)
    before = b"{\n"
    for node in nodes:
        out.write(before + record.fill(node).encode())
        before = b",\n"
    out.write(b"\n}\n")


def tar(templates: Templates, hostname: Form, nodes: Iterable[Values], out: BinaryIO) -> None:
    """A folder a node. Of no time and nobody, so that the same nodes make the same bytes."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for node in nodes:
            for name, one in templates.items():
                content = one.fill(node).encode(errors=BYTES)
                member = tarfile.TarInfo(f"{hostname(node)}/{name}")
                member.size, member.mode = len(content), _PRIVATE
                archive.addfile(member, io.BytesIO(content))


def tree(templates: Templates, hostname: Form, nodes: Iterator[Values], folder: Path) -> Iterator[None]:
    """A directory a node; yields after each."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for node in nodes:
            name = hostname(node)
            if not os.path.isdir(folder / name):  # noqa: PTH112 - of a run that was cut off
                os.mkdir(name, 0o700, dir_fd=root)
            for file, one in templates.items():
                _write(f"{name}/{file}", one.fill(node).encode(errors=BYTES), root)
            yield
    finally:
        os.close(root)


def seeds(templates: Templates, hostname: Form, nodes: Iterator[Values], folder: Path) -> Iterator[None]:
    """A seed image a node; yields after each."""
    makes = Seeds()
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for node in nodes:
            files = {name: one.fill(node).encode(errors=BYTES) for name, one in templates.items()}
            _write(f"{hostname(node)}.iso", makes.image(files), root)
            yield
    finally:
        os.close(root)


def ours(entry: os.DirEntry[str]) -> bool:
    """Whether a run wrote this: a seed image, or a node's directory with nothing else in it."""
    if entry.is_dir(follow_symlinks=False):
        return set(os.listdir(entry.path)) <= set(NAMES)  # noqa: PTH208 - of a hundred thousand
    return entry.name.endswith(".iso") and entry.is_file(follow_symlinks=False)


def _write(path: str, content: bytes, root: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE, dir_fd=root)
    try:
        written = os.write(descriptor, content)
        while written < len(content):  # where the disk is full, the next write says so
            written += os.write(descriptor, content[written:])
    finally:
        os.close(descriptor)


JSON = ("jsonl", "terraform")
STREAMS: Mapping[str, Stream] = {"jsonl": lines, "terraform": terraform, "tar": tar}
FOLDERS: Mapping[str, Folder] = {"tree": tree, "iso": seeds}
