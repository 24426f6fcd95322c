"""Lists of nodes: CSV, JSON lines or YAML -> rows of texts, one a column, and where each stands."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Protocol

from generator import positions, sentences
from generator.fleet.columns import Column
from generator.sentences import Words, nodes

Row = tuple[int, list[str]]  # the line where a node begins, from 1, and its cells in the order of Reader.names
Report = Callable[[int, int, str, Words], None]  # line, column, the name of a column or "", what is wrong


class Reader(Protocol):
    """One reading of a list, from its start."""

    names: tuple[str, ...]

    def rows(self, report: Report) -> Iterator[Row]:
        """Every node that could be read; of the others it is told what is wrong."""
        ...

    def place(self, line: int, name: str) -> tuple[int, int]:
        """Where a cell of the node that was read last stands: line and column, from 1."""
        ...


class Csv:
    """RFC 4180, and with ; or a tab for the comma where the first line has those."""

    def __init__(self, stream: IO[str], known: Mapping[str, Column]) -> None:
        self._last: list[str] = []  # the lines of the record that was read last
        self._known = known
        first = stream.readline()
        self._delimiter = next((mark for mark in ",;\t" if mark in first), ",")
        self._lines = itertools.chain([first], stream)
        self._records = csv.reader(self._kept(), delimiter=self._delimiter, strict=True)
        self.names: tuple[str, ...] = ()

    def _kept(self) -> Iterator[str]:
        for line in self._lines:
            self._last.append(line)
            yield line

    def rows(self, report: Report) -> Iterator[Row]:
        begins = 1
        try:
            self.names = tuple(name.strip() for name in next(self._records, []))
            if self._wrong_names(report):
                return
            width, last, records = len(self.names), self._last, self._records
            last.clear()
            begins = records.line_num + 1
            for cells in records:
                if len(cells) == width:
                    yield begins, cells
                elif cells:
                    report(begins, 1, "", nodes.too_many_cells(len(cells), width))
                last.clear()
                begins = records.line_num + 1
        except csv.Error as error:
            report(begins, 1, "", nodes.not_csv(str(error)))

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

    def place(self, line: int, name: str) -> tuple[int, int]:
        return self._column(line, self.names.index(name)) if name in self.names else (line, 1)

    def _column(self, line: int, index: int) -> tuple[int, int]:
        """Where the cell of a number begins: past so many delimiters that stand outside of quotes."""
        column, quoted = 1, False
        for character in "".join(self._last):
            if index == 0:
                break
            index -= character == self._delimiter and not quoted
            quoted ^= character == '"'
            line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
        return line, column


class JsonLines:
    """An object a line."""

    def __init__(self, stream: IO[str], known: Mapping[str, Column]) -> None:
        self._stream = stream
        self._known = known
        self._last = ""
        self.names = tuple(known)

    def rows(self, report: Report) -> Iterator[Row]:
        for number, text in enumerate(self._stream, 1):
            if not text.strip():
                continue
            self._last = text
            try:
                found = json.loads(text, object_pairs_hook=_object)
            except (ValueError, RecursionError) as error:
                report(number, getattr(error, "colno", 1), "", nodes.not_json(getattr(error, "msg", str(error))))
                continue
            cells = _cells(found, self._known, lambda name, words: report(*self.place(number, name), name, words))  # noqa: B023
            if cells is not None:
                yield number, cells

    def place(self, line: int, name: str) -> tuple[int, int]:
        read = positions.parse(self._last, "")  # JSON is YAML
        return line, (read.marks.get((name,)) or read.keys.get((name,)) or (1, 1))[1]


class Yaml:
    """A list of mappings, in one document: read whole, so for some thousands of nodes, not for a million."""

    def __init__(self, stream: IO[str], known: Mapping[str, Column]) -> None:
        self._read = positions.parse(stream.read(), "")
        self._known = known
        self._at = -1
        self.names = tuple(known)

    def rows(self, report: Report) -> Iterator[Row]:
        read = self._read
        for finding in read.findings:
            report(finding.line, finding.column, finding.path, (finding.sentence, finding.hint))
        for path, kind in read.doubtful.items():
            words = sentences.ambiguous_scalar(kind, read.texts[path], read.texts[path])
            report(*read.marks[path], positions.pretty(path), sentences.NO_VALUE if kind == "null" else words)
        if not isinstance(read.value, list):
            if not read.findings:
                report(1, 1, "", nodes.NOT_A_LIST)
            return
        for self._at, item in enumerate(read.value):
            if any(path[:1] == (self._at,) for path in read.doubtful):
                continue
            line = read.marks[self._at,][0]
            cells = _cells(item, self._known, lambda name, words: report(*self.place(line, name), name, words))  # noqa: B023
            if cells is not None:
                yield line, cells

    def place(self, line: int, name: str) -> tuple[int, int]:
        path = (self._at, name)
        return self._read.marks.get(path) or self._read.keys.get(path) or self._read.marks.get(path[:1]) or (line, 1)


FORMS: Mapping[str, Callable[[IO[str], Mapping[str, Column]], Reader]] = {"csv": Csv, "jsonl": JsonLines, "yaml": Yaml}
ENDINGS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return found


def _cells(found: Any, known: Mapping[str, Column], wrong: Callable[[str, Words], None]) -> list[str] | None:  # noqa: ANN401
    """The texts of one node, in the order of `known`; None where something is wrong with it."""
    if not isinstance(found, dict):
        wrong("", nodes.NOT_A_ROW)
        return None
    sound = True
    for name in found.keys() - known.keys():
        wrong(name, nodes.no_such_column(name, list(known)))
        sound = False
    cells = []
    for name, column in known.items():
        text = _cell(found.get(name), column)
        if text is None:
            wrong(name, nodes.bad_cell(_called(found[name])))
            sound = False
        cells.append(text or "")
    return cells if sound else None


def _cell(value: Any, column: Column) -> str | None:  # noqa: ANN401
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if column.name == "labels" and isinstance(value, dict):
        value = [f"{name}={text}" for name, text in value.items()]
    return _joined(value, column.split) if column.split and isinstance(value, list) else None


def _joined(items: Sequence[Any], split: str) -> str | None:
    """None where an item is no text, or would come apart into two."""
    return split.join(items) if all(isinstance(item, str) and item and split not in item for item in items) else None


def _called(value: object) -> str:
    names = {bool: "true or false", float: "a number with a point", dict: "a mapping", list: "such a list"}
    return names.get(type(value), "this")
