"""Where a pipeline publishes to: a folder of this machine or a URL, and what is wrong with it before any work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from generator import output
from generator.pipeline import sentences
from generator.sentences import Words

if TYPE_CHECKING:
    from generator.pipeline.work import Work

_HOSTS = {"file": ("", "localhost"), "local": ("",)}  # what stands before the path of this machine's, by scheme


def wrong(to: str) -> Words | None:
    """What is wrong with a place by itself: file://published is the machine `published`, and no path."""
    scheme, _, rest = to.partition("://")
    host, slash, _ = rest.partition("/")
    hosts = _HOSTS.get(scheme.lower())
    return sentences.no_path(to, scheme, rest) if hosts and (host not in hosts or not slash) else None


def look(work: Work) -> None:
    """Raises a refusal or ToolError for a place that could not be published to when all is done."""
    to, exchanged = work.pipeline.to, work.pipeline.published
    target = exchanged or (_path(to) if _scheme(to) in _HOSTS else None)
    if target is None:
        return
    there, out = target.resolve(), work.out.resolve()
    if there == out or out in there.parents or there in out.parents:
        raise sentences.one_in_the_other(str(target), str(work.out))
    if exchanged and not output.exchanges(next(path for path in (there, *there.parents) if path.is_dir())):
        raise sentences.no_exchange(str(target), str(there))


def _scheme(to: str) -> str:
    return to.partition("://")[0].lower()


def _path(to: str) -> Path:
    path = to.partition("://")[2].partition("/")[2]
    return Path("/", unquote(path) if _scheme(to) == "file" else path)
