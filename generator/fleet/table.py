"""The sound nodes of a list, kept in a file without a name: read again in a tenth of the time that parsing took."""

from __future__ import annotations

import itertools
import marshal
import tempfile
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import NamedTuple

from generator import output
from generator.fleet.reading import Columns

_LENGTH = 4  # bytes before what was marshalled, which say how much that is


class Kept(NamedTuple):
    """Nodes that were read together: their numbers in the list and the lines they begin in, and all their cells."""

    numbers: Sequence[int]
    lines: Sequence[int]
    columns: Columns


class Table:
    """Nodes in the order in which they were added, read as often as somebody wants."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it ends with the table

    def add(self, kept: Kept) -> None:
        """Raises ToolError where the disk is full."""
        packed = marshal.dumps((tuple(kept.numbers), tuple(kept.lines), kept.columns))
        with output.writing(Path(tempfile.gettempdir())):
            self._file.write(len(packed).to_bytes(_LENGTH, "big"))
            self._file.write(packed)

    def batches(self, without: Set[int] = frozenset()) -> Iterator[Kept]:
        """All nodes but those of these numbers."""
        with output.writing(Path(tempfile.gettempdir())):
            self._file.seek(0)
        while length := self._file.read(_LENGTH):
            kept = Kept(*marshal.loads(self._file.read(int.from_bytes(length, "big"))))  # noqa: S302 - we wrote it
            if without and not without.isdisjoint(kept.numbers):
                kept = chosen(kept, [number not in without for number in kept.numbers])
            if kept.numbers:
                yield kept


def chosen(kept: Kept, good: Sequence[bool]) -> Kept:
    """Those nodes at whose places there is True."""
    columns = tuple(tuple(itertools.compress(cells, good)) for cells in kept.columns)
    numbers, lines = (tuple(itertools.compress(one, good)) for one in (kept.numbers, kept.lines))
    return Kept(numbers, lines, columns)
