"""User-data for many machines: one profile, a list of nodes, and for each node its own documents.

The profile is planned and rendered once, with marks where nodes differ. Every cell is looked at before anything is
written; then each node's values are spliced in, a thousand nodes at a time, column by column. Memory does not follow
the number of nodes, but for 8 bytes a value that no two may share.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import __version__, delivery, errors, parts, positions, progress, whole
from generator import plan as planning
from generator import profile as profiles
from generator.fleet import agreement, columns, documents, forms, in_network, reading, room
from generator.fleet.source import Source
from generator.fleet.survey import Survey, look_through
from generator.fleet.table import Kept, Table
from generator.fleet.template import Block, Form
from generator.sentences import Words, nodes

if TYPE_CHECKING:
    from generator.fleet.cluster import Cluster
    from generator.fleet.handed import Handed

Put = Callable[[documents.Templates, Survey, progress.Task], str]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `to` is a key of forms; `output` "" is the form's own place, "-" stdout.

    `target` "" is NoCloud: nothing limits it. `cloud_init` None is that of the profile's base. `cluster` is the address
    of a Dask scheduler whose workers write it; then `output` is a URL of fsspec's.
    """

    profile: str
    nodes: str
    form: str | None = None
    to: str = "tree"
    output: str = ""
    keep_going: bool = False
    target: str = ""
    cluster: str = ""
    cloud_init: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many nodes were written and where to; what was wrong with the others."""

    count: int
    place: str
    findings: tuple[errors.Finding, ...] = ()


def write(asked: Request) -> Outcome:
    """Carry out a request. Raises Refused with what is wrong with the profile or, unless it keeps going, the list."""
    if asked.profile == "-" == asked.nodes:
        raise errors.usage("- is stdin, and it can be read but once")
    if asked.output == "-" and asked.to in forms.FOLDERS:
        raise nodes.no_folder_to_stdout(asked.to, sorted(forms.STREAMS))
    if asked.to == forms.SEED and asked.target:
        _seeds_for(asked.target)
    raw = profiles.bytes_of(asked.profile)
    read = documents.read(raw, asked.profile)
    if read.document.findings:
        raise errors.Refused(read.document.findings)
    plan = planning.of(read)  # what is wrong with it is told before anything is said of nodes
    for warning in (*plan.warnings, *delivery.accepted(plan, asked.cloud_init)):
        progress.say(str(warning))
    with contextlib.closing(Source(asked.nodes, asked.form)) as source:
        run = _Run(asked, read, source, delivery.version_of(plan, asked.cloud_init))
        if not asked.cluster:
            with _uncollected():
                return run.write(run.put)
        from generator.fleet import cluster  # noqa: PLC0415 - so that one machine needs no Dask

        with cluster.opened(asked.cluster, asked.output, asked.to) as opened:
            return run.write(functools.partial(run.put_by, opened, raw))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Millions of cells come and go, none in a cycle: looking for cycles among them is a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _seeds_for(target: str) -> None:
    """Raises a usage error for a target whose guests read no seed image."""
    from generator import targets  # noqa: PLC0415

    row = targets.load(target)
    if not row.seed:
        raise nodes.no_seed_there(row.title)


class _Run:
    """One request, with its list open."""

    def __init__(self, asked: Request, read: profiles.Reading, source: Source, cloud_init: str) -> None:
        self._asked, self._read, self._source, self._cloud_init = asked, read, source, cloud_init
        self._columns = in_network.narrowed(columns.columns(read.profile), read)
        self._findings: list[errors.Finding] = []
        self._table = Table()
        self._delivered: Handed | None = None

    def write(self, put: Put) -> Outcome:
        """`put` writes what was looked at, and returns where to."""
        rules = agreement.of(self._read.profile, self._asked.to)
        with progress.task(f"nodes of {self._asked.nodes}") as task:
            task.say("looking at every cell")
            found = look_through(self._reader, self._columns, rules, self._report, self._table)
            if found.wrong and not (self._asked.keep_going and found.count):
                raise errors.Refused(self._told(found.wrong))
            made = documents.templates(self._read, self._columns, found)
            if self._asked.target:
                made = self._handed(made, found)
            task.say(f"writing {found.count}")
            place = put(made, found, task)
        if self._delivered is not None:
            progress.note(self._delivered.told(in_json=self._asked.to in forms.JSON))
        found_wrong = sorted(self._findings, key=lambda one: (one.line, one.column))
        return Outcome(found.count, place, tuple(found_wrong))

    def _reader(self) -> reading.Reader:
        return reading.FORMS[self._source.form](self._source.text(), self._columns)

    def _report(self, line: int, column: int, name: str, words: Words) -> None:
        if self._asked.keep_going or len(self._findings) < positions.MAX_FINDINGS:
            self._findings.append(errors.Finding(self._asked.nodes, line, column, name, *words))

    def _told(self, wrong: int) -> list[errors.Finding]:
        more = wrong - len(self._findings)
        last = errors.Finding(self._asked.nodes, 1 << 60, 0, "", *nodes.and_more(more))
        return [*self._findings, last] if more else self._findings

    def _handed(self, made: documents.Templates, found: Survey) -> documents.Templates:
        from generator.fleet.handed import handed  # noqa: PLC0415

        first = handed(self._asked.target, self._cloud_init, made)
        self._delivered, bad = first.fitting(lambda: self._table.batches(found.bad), self._report)
        if bad and (not self._asked.keep_going or len(bad) == found.count):
            raise errors.Refused(self._told(len(bad)))
        found.bad |= bad
        found.count -= len(bad)
        return self._delivered.templates(in_json=self._asked.to in forms.JSON)

    def put_by(
        self, cluster: Cluster, raw: bytes, made: documents.Templates, found: Survey, task: progress.Task
    ) -> str:
        """Have it written by a cluster."""
        from generator.fleet.cluster import Work  # noqa: PLC0415

        form = self._delivered.form if self._delivered else ""
        work = Work(raw, made, found, self._asked.target, self._cloud_init, form, self._manifest(made, found))
        rows = itertools.chain.from_iterable(zip(*batch.columns, strict=True) for batch in self._batches(found))
        return cluster.write(work, rows, lambda done: task.advance(done, found.count))

    def put(self, made: documents.Templates, found: Survey, task: progress.Task) -> str:
        """Write it here."""
        hostname = documents.hostname(self._read, self._columns, found)
        if self._asked.to in forms.FOLDERS:
            return self._folder(made, hostname, found, task)
        stream, blocks = forms.STREAMS[self._asked.to], self._blocks(found, task)
        if self._asked.output in ("", "-"):
            stream(made, hostname, blocks, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return "-"
        with whole.file(Path(self._asked.output)) as out:
            stream(made, hostname, room.watched(blocks, out, Path(self._asked.output), found.count), out)
        return self._asked.output

    def _batches(self, found: Survey) -> Iterator[Kept]:
        self._source.unchanged()
        return self._table.batches(found.bad)

    def _blocks(self, found: Survey, task: progress.Task, done: int = 0) -> Iterator[Block]:
        """Every node's cells but of so many that are done."""
        told = 0
        for batch in self._batches(found):
            first, told = told, told + len(batch.lines)
            if told > done:
                yield [cells[max(done - first, 0) :] for cells in batch.columns] if first < done else batch.columns
            task.advance(told, found.count)

    def _folder(self, made: documents.Templates, hostname: Form, found: Survey, task: progress.Task) -> str:
        target = Path(self._asked.output or f"output/{self._read.profile.name}-nodes")
        manifest = self._manifest(made, found)
        key = hashlib.sha256(repr(sorted(manifest.items())).encode()).hexdigest()[:16]
        with parts.folder(target, key, manifest, forms.ours) as part:
            rest = self._blocks(found, task, part.done)
            for number, _ in enumerate(forms.FOLDERS[self._asked.to](made, hostname, rest, part.folder), part.done + 1):
                part.item(number)
                if number == part.done + room.FIRST:
                    room.look(part.folder, found.count - number)
        return str(target)

    def _manifest(self, made: documents.Templates, found: Survey) -> dict[str, Any]:
        common = "\0".join(piece for one in made.values() for piece in one.pieces)
        return {
            "tool": f"nodebake {__version__}",
            "profile": {"name": self._read.profile.name, "sha256": self._read.profile.digest},
            "nodes": {"sha256": self._source.digest(), "count": found.count},
            "template": hashlib.sha256(common.encode()).hexdigest(),
            "form": self._asked.to,
            **({"target": self._delivered.record()} if self._delivered else {}),
        }
