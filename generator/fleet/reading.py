"""Lists of nodes: CSV, JSON lines or YAML -> rows of texts, one a column, and where each stands."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple, Protocol

from generator import positions, strict_json
from generator.fleet import where, yaml_list
from generator.fleet.cells import texts_of
from generator.fleet.columns import Column
from generator.fleet.lines import BATCH, Lines, bounded
from generator.sentences import Words, nodes

Report = Callable[[int, int, str, Words], None]  # line, column, the name of a column or "", what is wrong
Columns = tuple[tuple[str, ...], ...]  # cells of nodes that were read together, column by column
_LARGEST = 4 << 20  # characters of YAML, which is read whole
_LONGEST_CELL = 1 << 20  # characters of CSV: keys by the thousand fit. What is longer is an open quote


class Batch(NamedTuple):
    """Nodes that were read together: the line where each begins, from 1, and their cells in the order of the names."""

    lines: Sequence[int]
    columns: Columns


class Reader(Protocol):
    """One reading of a list, from its start."""

    names: tuple[str, ...]

    def batches(self, report: Report) -> Iterator[Batch]:
        """Every node that could be read; of the others it is told what is wrong."""
        ...

    def place(self, number: int, name: str) -> tuple[int, int]:
        """Where a cell of a node of the batch that was read last, counted from 0, stands: line and column, from 1."""
        ...


class Csv:
    """RFC 4180, and with ; or a tab for the comma where the first line has those."""

    def __init__(self, stream: IO[str], known: Mapping[str, Column]) -> None:
        self._known = known
        self._lines = Lines(stream)
        csv.field_size_limit(_LONGEST_CELL)
        each = iter(self._lines)
        first = next(each, "")
        self._delimiter = next((mark for mark in ",;\t" if mark in first), ",")
        self._records = self._parsed(itertools.chain([first], each))
        self._begins: Sequence[int] = ()  # of the batch that was read last
        self.names: tuple[str, ...] = ()

    def _parsed(self, lines: Iterator[str]) -> Any:  # noqa: ANN401 - csv's reader has no public type
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def batches(self, report: Report) -> Iterator[Batch]:
        try:
            self.names = tuple(name.strip() for name in next(self._records, []))
        except csv.Error as error:
            report(1, 1, "", nodes.not_csv(str(error), _LONGEST_CELL))
            return
        if self._wrong_names(report):
            return
        more = True
        while more:
            begins = self._records.line_num + 1
            self._lines.forget(begins)
            batch, more = self._batch(begins, report)
            self._begins = batch.lines
            if batch.lines:
                yield batch

    def _batch(self, begins: int, report: Report) -> tuple[Batch, bool]:
        """The nodes from a line on, and whether there may be more: after what is no CSV it goes on in the next line."""
        try:
            rows = list(itertools.islice(self._records, BATCH))
        except csv.Error:
            return self._closely(begins, BATCH, report), True
        straight = range(begins, self._records.line_num + 1)
        if len(straight) == len(rows) and set(map(len, rows)) == {len(self.names)}:
            return Batch(straight, tuple(zip(*rows, strict=True))), True
        return self._closely(begins, len(rows), report), bool(rows)

    def _closely(self, begins: int, count: int, report: Report) -> Batch:
        """The same once more, record by record: one may have several lines, or be wrong."""
        lines, rows, at = list[int](), list[list[str]](), begins
        records = self._parsed(self._lines.since(begins))
        try:
            for cells in itertools.islice(records, count):
                if len(cells) == len(self.names):
                    lines.append(at)
                    rows.append(cells)
                elif cells:
                    report(at, 1, "", nodes.too_many_cells(len(cells), len(self.names)))
                at = begins + records.line_num
        except csv.Error as error:
            report(at, 1, "", nodes.not_csv(str(error), _LONGEST_CELL))
        return Batch(lines, tuple(zip(*rows, strict=True)))

    def _wrong_names(self, report: Report) -> bool:
        wrong = False
        for index, name in enumerate(self.names):
            words = nodes.column_twice(name) if name in self.names[:index] else None
            if name not in self._known:
                words = nodes.no_such_column(name, list(self._known))
            if words is not None:
                report(*self._column(1, index), "", words)
                wrong = True
        return wrong

    def place(self, number: int, name: str) -> tuple[int, int]:
        line = self._begins[number]
        return self._column(line, self.names.index(name)) if name in self.names else (line, 1)

    def _column(self, line: int, index: int) -> tuple[int, int]:
        characters = itertools.chain.from_iterable(self._lines.since(line))
        return where.in_csv(characters, self._delimiter, line, index)


class JsonLines:
    """An object a line."""

    def __init__(self, stream: IO[str], known: Mapping[str, Column]) -> None:
        self._stream = stream
        self._known = known
        self._last: list[tuple[int, str]] = []  # the lines of the batch that was read last
        self.names = tuple(known)

    def batches(self, report: Report) -> Iterator[Batch]:
        number = 1
        for texts in bounded(self._stream):
            numbered = enumerate(texts, number)
            number += len(texts)
            read = [
                (one, cells) for one in numbered if one[1].strip() and (cells := self._row(*one, report)) is not None
            ]
            self._last = [one for one, _ in read]
            if read:
                yield Batch([line for line, _ in self._last], tuple(zip(*(cells for _, cells in read), strict=True)))

    def _row(self, line: int, text: str, report: Report) -> list[str] | None:
        try:
            found = strict_json.loads(text)
        except strict_json.KeyTwiceError as error:
            report(line, 1, "", nodes.not_json(nodes.key_twice(error.key if error.key in self._known else None)))
            return None
        except (ValueError, RecursionError) as error:
            report(line, getattr(error, "colno", 1), "", nodes.not_json(getattr(error, "msg", str(error))))
            return None
        return texts_of(
            found, self._known, lambda path, words: report(line, where.in_json(text, path), "".join(path[:1]), words)
        )

    def place(self, number: int, name: str) -> tuple[int, int]:
        line, text = self._last[number]
        return line, where.in_json(text, (name,))


class Yaml:
    """A list of mappings, in one document: read whole, so for some thousands of nodes, not for a million."""

    def __init__(self, stream: IO[str], known: Mapping[str, Column]) -> None:
        text = stream.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            self._read = positions.Document("")
            self._read.find((1, 1), (), *nodes.too_large(_LARGEST))
        else:
            self._read = yaml_list.read(text)
        self._known = known
        self._items: list[int] = []  # which items of the list could be read
        self.names = tuple(known)

    def batches(self, report: Report) -> Iterator[Batch]:
        read = self._read
        for place, path, words in yaml_list.wrong(read, self._known):
            report(*place, path, words)
        if isinstance(read.value, list):
            bad = yaml_list.left_out(read)
            rows = [None if at in bad else self._row(at, item, report) for at, item in enumerate(read.value)]
            self._items = [at for at, cells in enumerate(rows) if cells is not None]
            if self._items:
                lines = [read.marks[at,][0] for at in self._items]
                yield Batch(lines, tuple(zip(*filter(None, rows), strict=True)))
        elif not read.findings:
            report(1, 1, "", nodes.NOT_A_LIST)

    def _row(self, item: int, found: Any, report: Report) -> list[str] | None:  # noqa: ANN401
        return texts_of(
            found, self._known, lambda path, words: report(*self._place(item, *path), "".join(path[:1]), words)
        )

    def _place(self, *path: str | int) -> tuple[int, int]:
        return self._read.marks.get(path) or self._read.marks[path[:1]]

    def place(self, number: int, name: str) -> tuple[int, int]:
        return self._place(self._items[number], name)


FORMS: Mapping[str, Callable[[IO[str], Mapping[str, Column]], Reader]] = {"csv": Csv, "jsonl": JsonLines, "yaml": Yaml}
ENDINGS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
}
