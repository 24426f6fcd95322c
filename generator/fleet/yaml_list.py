"""What is wrong with a list in YAML, before its cells are looked at, and which nodes are not to be written for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import positions, sentences
from generator.fleet.columns import Column
from generator.sentences import Words, nodes

_KIND = "list of nodes"
Place = tuple[int, int]  # line and column, from 1


def read(text: str) -> positions.Document:
    """The whole list."""
    return positions.parse(text, "", _KIND)


def wrong(document: positions.Document, known: Mapping[str, Column]) -> Iterator[tuple[Place, str, Words]]:
    """Each place, the path there, and what is wrong. What stands in a secret column is not repeated."""
    paths = {positions.pretty(path): path for path in document.bad}
    for finding in document.findings:
        path = paths.get(finding.path, ())
        secret = _secret(path, known)
        words = (finding.sentence, finding.hint)
        if secret and secret not in document.texts:  # a key below it; of a text only its own name can stand twice
            words = nodes.SECRET_IN_PARTS
        yield (finding.line, finding.column), positions.pretty(secret) or finding.path, words
    for path, kind in document.doubtful.items():
        told = _secret(path, known) or path
        words = nodes.SECRET_IN_PARTS if told != path else _doubtful(document.texts[path], path, kind, known)
        yield document.marks[told], positions.pretty(told), words


def _secret(path: positions.Path, known: Mapping[str, Column]) -> positions.Path:
    """As far as the name of a secret column; () where none is in it."""
    secrets = {name for name, column in known.items() if column.secret}
    return next((path[:length] for length, part in enumerate(path, 1) if part in secrets), ())


def _doubtful(text: str, path: positions.Path, kind: str, known: Mapping[str, Column]) -> Words:
    """The text is repeated only of a column that is known, and is no secret: a name may be misspelt."""
    name = next((part for part in path if isinstance(part, str)), "")
    if kind == "null":
        return sentences.NO_VALUE
    if name in known and not known[name].secret:
        return sentences.ambiguous_scalar(kind, text, text)
    return nodes.UNQUOTED


def left_out(document: positions.Document) -> frozenset[str | int]:
    """The numbers of the nodes with which something is wrong, told or not; all, where it is of no single one."""
    paths = {*document.bad, *document.doubtful}
    if () in paths:
        return frozenset(range(len(document.value)))
    return frozenset(path[0] for path in paths)
