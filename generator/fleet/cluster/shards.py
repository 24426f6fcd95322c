"""What a worker does: a run of nodes -> one part, at a place that all machines reach. Dask is not seen from here.

Templates hold functions, which do not travel: a worker gets the profile's bytes and what is known of the list, makes
the templates itself, once for each profile and list, and does nothing where they are not the client's.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import pickle
import platform
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator import __version__
from generator.fleet import columns, documents, forms
from generator.fleet.cluster.places import Place
from generator.fleet.handed import handed
from generator.fleet.survey import Survey
from generator.fleet.template import Form, Node, block

TOOL = f"nodebake {__version__}"
IN_PARTS = ("jsonl", "tar")  # of forms.STREAMS those of which a part is what the whole is


@dataclass(frozen=True, slots=True)
class Job:
    """What all parts of one run have in common. `fingerprint` is of what the client makes, of `sample` among others."""

    profile: bytes
    names: tuple[str, ...]
    filled: frozenset[str]
    everywhere: frozenset[str]
    target: str
    cloud_init: str
    delivered: str
    sample: tuple[str, ...]
    fingerprint: str
    form: str
    url: str
    folder: str

    def part(self, number: int) -> str:
        """The name of a part below the URL; parts are counted from 0."""
        return f"{self.folder}/part-{number:06d}.{self.form}"


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was written: its name below the URL, how many nodes and bytes it has, and its digest."""

    name: str
    nodes: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker did. Without a part it did nothing, for it is not what the job wants."""

    worker: str
    tool: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A part to be written, for `pickle.loads` to write it: so a task names nothing that a machine may not have.

    A task that a worker cannot unpack ends the worker, and its log has the nodes' values. So what is inside is packed.
    """

    tool: str
    packed: bytes

    def __reduce__(self) -> tuple[Any, ...]:
        return open_parcel, (self.tool, self.packed)


def packed(job: Job, number: int, cells: Sequence[Node]) -> bytes:
    """A part as bytes, of which `pickle.loads` returns Done."""
    return pickle.dumps(Parcel(TOOL, zlib.compress(pickle.dumps((job, number, cells)), 1)))


def open_parcel(tool: str, content: bytes) -> Done:
    """Write one part. Done twice, it is as if done once. Raises ToolError."""
    worker = f"the worker {platform.node()}, process {os.getpid()},"
    if tool != TOOL:
        return Done(worker, TOOL)
    job, number, cells = pickle.loads(zlib.decompress(content))  # noqa: S301 - whoever can send it can run anything
    made, hostname = _made(job)
    if fingerprint(made, job.sample) != job.fingerprint:
        return Done(worker, TOOL)
    out = io.BytesIO()
    forms.STREAMS[job.form](made, hostname, [block(cells)], out)
    written = out.getbuffer()
    Place(job.url).write(job.part(number), written)
    part = Part(job.part(number), len(cells), len(written), hashlib.sha256(written).hexdigest())
    return Done(worker, TOOL, part)


def fingerprint(made: documents.Templates, sample: Node) -> str:
    """Of templates, and of what they make of a node: gzip, too, is not the same on every machine."""
    pieces = (piece for one in made.values() for piece in (*one.pieces, *one.fill(block([sample]))))
    return hashlib.sha256("\0".join(pieces).encode(errors=forms.BYTES)).hexdigest()


@functools.lru_cache(maxsize=4)
def _made(job: Job) -> tuple[documents.Templates, Form]:
    """The templates, and the form of a host name."""
    read = documents.read(job.profile, "the profile")
    known = columns.columns(read.profile)
    found = Survey(names=job.names, filled=set(job.filled), everywhere=set(job.everywhere))
    made = documents.templates(read, known, found)
    if job.target:
        by_target = handed(job.target, job.cloud_init, made, job.delivered)
        made = by_target.templates(in_json=job.form in forms.JSON)
    return made, documents.hostname(read, known, found)
