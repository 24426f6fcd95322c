"""What a fleet is written as: a tree of directories, seed images, a tar, JSON lines, or one JSON map for Terraform."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from generator.fleet.documents import NAMES, Templates
from generator.fleet.iso import SYSTEM_AREA, Seeds
from generator.fleet.template import Block, Form, Template, fixed, of

_PRIVATE = 0o600
BYTES = "surrogateescape"  # a document that is no text went through its template so
Stream = Callable[[Templates, Form, Iterable[Block], BinaryIO], None]
Folder = Callable[[Templates, Form, Iterator[Block], Path], Iterator[None]]


def _record(templates: Templates, hostnames: Form) -> Template:
    """One node as a JSON object, in one line, without the brace that opens it."""
    whole = fixed('"hostname": "') + of(hostnames, plain=True)
    for name, one in templates.items():
        whole = whole + fixed(f'", "{name}": "') + one.as_json()
    return whole + fixed('"}')


def lines(templates: Templates, hostnames: Form, blocks: Iterable[Block], out: BinaryIO) -> None:
    """An object a line."""
    record = fixed("{") + _record(templates, hostnames) + fixed("\n")
    for block in blocks:
        out.writelines(map(str.encode, record.fill(block)))


def terraform(templates: Templates, hostnames: Form, blocks: Iterable[Block], out: BinaryIO) -> None:
    """One object, by host name: for_each = jsondecode(file(...))."""
    record = fixed('"') + of(hostnames, plain=True) + fixed('": {') + _record(templates, hostnames)
    before = b"{\n"
    for block in blocks:
        for text in record.fill(block):
            out.write(before + text.encode())
            before = b",\n"
    out.write(b"\n}\n")


def tar(templates: Templates, hostnames: Form, blocks: Iterable[Block], out: BinaryIO) -> None:
    """A folder a node. Of no time and nobody, so that the same nodes make the same bytes."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for hostname, contents in _nodes(templates, hostnames, blocks):
            for name, content in contents.items():
                member = tarfile.TarInfo(f"{hostname}/{name}")
                member.size, member.mode = len(content), _PRIVATE
                archive.addfile(member, io.BytesIO(content))


def _nodes(templates: Templates, hostnames: Form, blocks: Iterable[Block]) -> Iterator[tuple[str, Mapping[str, bytes]]]:
    """Each one's name and documents."""
    for block in blocks:
        for hostname, *texts in zip(hostnames(block), *(one.fill(block) for one in templates.values()), strict=True):
            yield hostname, {name: text.encode(errors=BYTES) for name, text in zip(templates, texts, strict=True)}


def tree(templates: Templates, hostnames: Form, blocks: Iterable[Block], folder: Path) -> Iterator[None]:
    """A directory a node; yields after each."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for hostname, contents in _nodes(templates, hostnames, blocks):
            with contextlib.suppress(FileExistsError):  # of a run that was cut off
                os.mkdir(hostname, 0o700, dir_fd=root)
            for name, content in contents.items():
                _write(f"{hostname}/{name}", content, root)
            yield
    finally:
        os.close(root)


def seeds(templates: Templates, hostnames: Form, blocks: Iterable[Block], folder: Path) -> Iterator[None]:
    """A seed image a node; yields after each."""
    makes = Seeds()
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for hostname, contents in _nodes(templates, hostnames, blocks):
            _write(f"{hostname}.iso", makes.image(contents), root, SYSTEM_AREA)
            yield
    finally:
        os.close(root)


def ours(entry: os.DirEntry[str]) -> bool:
    """Whether a run wrote this: a seed image, or a node's directory with nothing else in it."""
    if entry.is_dir(follow_symlinks=False):
        return set(os.listdir(entry.path)) <= set(NAMES)  # noqa: PTH208 - of a hundred thousand
    return entry.name.endswith(".iso") and entry.is_file(follow_symlinks=False)


def _write(path: str, content: bytes, root: int, hole: int = 0) -> None:
    """The first `hole` bytes, which are zeros, take no room on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE, dir_fd=root)
    try:
        view, at = memoryview(content), hole
        while at < len(content):  # a disk that gets full takes a part, and then says so
            at += os.pwrite(descriptor, view[at:], at)
    finally:
        os.close(descriptor)


SEED = "iso"
JSON = ("jsonl", "terraform")
STREAMS: Mapping[str, Stream] = {"jsonl": lines, "terraform": terraform, "tar": tar}
FOLDERS: Mapping[str, Folder] = {"tree": tree, SEED: seeds}
