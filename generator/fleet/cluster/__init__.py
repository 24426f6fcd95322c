"""The same fleet, written by a cluster: Dask's scheduler hands runs of nodes to workers, and again where one dies.

The list is looked through here, then its rows go out, a bounded number of parts at a time. They travel inside of their
tasks and not as data of the cluster's: that would be lost with the worker that holds it. The manifest is written last.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from generator import errors, output, progress
from generator.fleet import documents
from generator.fleet.cluster import places, shards
from generator.fleet.cluster.scheduler import Scheduler, connected
from generator.fleet.survey import Survey
from generator.fleet.template import Node, block
from generator.sentences import clusters

PART_NODES, PART_BYTES = 5000, 64 << 20  # a part has at most so many nodes, and about so many bytes
_FOLDER = re.compile(r"nodes-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Work:
    """A profile's bytes, its templates, what is known of the list, and what the manifest says of all that.

    `target` is a cloud, `cloud_init` its guests' version, `delivered` the form that it gets user-data in; "" is none.
    """

    profile: bytes
    made: documents.Templates
    found: Survey
    target: str
    cloud_init: str
    delivered: str
    manifest: Mapping[str, Any]


@contextmanager
def opened(address: str, url: str, form: str) -> Iterator[Cluster]:
    """The cluster at an address, which is to write to a URL. Raises what is wrong with either before any work."""
    if url in ("", "-"):
        raise clusters.no_output()
    if form not in shards.IN_PARTS:
        raise clusters.not_in_parts(form, shards.IN_PARTS)
    with connected(address) as scheduler:
        place = places.Place(url)
        _old_folder(place)
        if not scheduler.threads():
            progress.note(clusters.NO_WORKERS)
        yield Cluster(scheduler, place, form)


class Cluster:
    """A scheduler, and the place that its workers write to."""

    def __init__(self, scheduler: Scheduler, place: places.Place, form: str) -> None:
        self._scheduler, self._place, self._form = scheduler, place, form

    def write(self, work: Work, rows: Iterator[Node], tell: Callable[[int], None]) -> str:
        """Have every node written, then the manifest; returns the URL. Parts of the run before go when all is there.

        `tell` gets how many nodes are written. Raises ToolError.
        """
        sample = next(rows)
        job, parts, nodes = self._job(work, sample), list[shards.Part](), 0
        chunks = _chunks(itertools.chain([sample], rows), _nodes_of_a_part(work.made, sample))
        for done in self._scheduler.each(job, chunks):
            parts.append(self._looked_at(done))
            nodes += parts[-1].nodes
            tell(nodes)
        self._place.keep(job.folder, [part.name for part in parts])
        old = _old_folder(self._place)
        listed = [asdict(part) for part in sorted(parts, key=lambda part: part.name)]
        manifest = {**work.manifest, "folder": job.folder, "parts": listed}
        self._place.write(output.MANIFEST, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
        if old and old != job.folder:
            self._remove(old)
        return clusters.place(self._place.url)

    def _job(self, work: Work, sample: Node) -> shards.Job:
        found, key = work.found, json.dumps(work.manifest, sort_keys=True).encode()
        return shards.Job(
            work.profile,
            found.names,
            frozenset(found.filled),
            frozenset(found.everywhere),
            work.target,
            work.cloud_init,
            work.delivered,
            tuple(sample),
            shards.fingerprint(work.made, sample),
            self._form,
            self._place.url,
            f"nodes-{hashlib.sha256(key).hexdigest()[:16]}",
        )

    def _looked_at(self, done: shards.Done) -> shards.Part:
        """The part, if it is there: a folder of the worker's own may have the same name as one of ours."""
        if done.tool != shards.TOOL:
            raise clusters.other_version(done.worker, done.tool, shards.TOOL)
        if done.part is None:
            raise clusters.other_templates(done.worker)
        if self._place.size(done.part.name) != done.part.size:
            raise clusters.not_there(done.part.name, self._place.url, done.worker)
        return done.part

    def _remove(self, folder: str) -> None:
        try:
            self._place.remove(folder)
        except errors.ToolError as error:  # all that was asked for is there
            progress.note(clusters.left_over(folder, error.sentence))


def _chunks(rows: Iterator[Node], size: int) -> Iterator[list[Node]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


def _nodes_of_a_part(made: documents.Templates, sample: Node) -> int:
    each = sum(len(text) for one in made.values() for text in one.fill(block([sample])))
    return max(1, min(PART_NODES, PART_BYTES // each))


def _old_folder(place: places.Place) -> str:
    """Where the parts of the run before are, "" without any. Raises a refusal where another's manifest is there."""
    content = place.read(output.MANIFEST)
    if content is None:
        return ""
    try:
        folder = json.loads(content)["folder"]
    except (ValueError, TypeError, KeyError):
        folder = None
    if not isinstance(folder, str) or not _FOLDER.fullmatch(folder):
        raise clusters.not_ours(place.url)
    return folder
