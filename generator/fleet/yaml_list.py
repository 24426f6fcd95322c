"""What is wrong with a list in YAML, before its cells are looked at, and which nodes are not to be written for it."""

from __future__ import annotations

from collections.abc import Iterator

from generator import positions, sentences
from generator.sentences import Words

_KIND = "list of nodes"
Place = tuple[int, int]  # line and column, from 1


def read(text: str) -> positions.Document:
    """The whole list."""
    return positions.parse(text, "", _KIND)


def wrong(document: positions.Document) -> Iterator[tuple[Place, str, Words]]:
    """Each place, the path there, and what is wrong."""
    for finding in document.findings:
        yield (finding.line, finding.column), finding.path, (finding.sentence, finding.hint)
    for path, kind in document.doubtful.items():
        text = document.texts[path]
        words = sentences.NO_VALUE if kind == "null" else sentences.ambiguous_scalar(kind, text, text)
        yield document.marks[path], positions.pretty(path), words


def left_out(document: positions.Document) -> frozenset[str | int]:
    """The numbers of the nodes with which something is wrong, told or not; all, where it is of no single one."""
    paths = {*document.bad, *document.doubtful}
    if () in paths:
        return frozenset(range(len(document.value)))
    return frozenset(path[0] for path in paths)
