"""The lines of a list of nodes, some at a time: however long they are, what is held of them fits in memory."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from typing import IO

BATCH = 1024  # lines
LONGEST = 16 << 20  # characters: no node that is one has more in its line. What goes on after them is another line
_CHUNK = 1 << 20  # characters


def bounded(stream: IO[str]) -> Iterator[list[str]]:
    """The lines of a stream, at most BATCH together; of long ones fewer: they shall fit in memory."""
    lines, size = list[str](), 0
    while line := stream.readline(LONGEST):
        lines.append(line)
        size += len(line)
        if len(lines) == BATCH or size > _CHUNK:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


class Lines:
    """The lines of a text, of which the last ones are kept."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._chunks: deque[list[str]] = deque()
        self._first = 1

    def __iter__(self) -> Iterator[str]:
        return itertools.chain.from_iterable(self._read())

    def _read(self) -> Iterator[list[str]]:
        for chunk in bounded(self._stream):
            self._chunks.append(chunk)
            yield chunk

    def forget(self, number: int) -> None:
        """None before this line is wanted any more."""
        while self._chunks and self._first + len(self._chunks[0]) <= number:
            self._first += len(self._chunks.popleft())

    def since(self, number: int) -> Iterator[str]:
        """From this line on, as far as was read."""
        return itertools.islice(itertools.chain.from_iterable(self._chunks), number - self._first, None)
