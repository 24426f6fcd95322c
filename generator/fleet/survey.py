"""The reading of a list of nodes: every cell is looked at, the sound nodes are kept, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from generator.fleet.agreement import Agreement
from generator.fleet.columns import Column
from generator.fleet.reading import Batch, Columns, Reader, Report
from generator.fleet.routes import Wrong
from generator.fleet.table import Kept, Table, chosen
from generator.fleet.unique import Seen
from generator.sentences import Words, nodes

_KNOWN_GOOD = 4096  # of a column whose values repeat, so many are remembered
Open = Callable[[], Reader]
Value = tuple[str, str]  # the name of a column, and what stands there


@dataclass(slots=True)
class Survey:
    """What is known of a list: how many nodes are sound, the numbers of others, and the columns, in its order.

    `filled` are those in which some node has a value, `everywhere` the unique ones in which each sound node has just
    one; `wrong` counts what is wrong, with nodes or with the list.
    """

    count: int = 0
    wrong: int = 0
    bad: set[int] = field(default_factory=set)
    names: tuple[str, ...] = ()
    filled: set[str] = field(default_factory=set)
    everywhere: set[str] = field(default_factory=set)


def look_through(
    opened: Open, columns: Mapping[str, Column], agreement: Agreement, report: Report, table: Table
) -> Survey:
    """Read the list once, and once more if two nodes may share what they must not.

    `table` gets the nodes that are sound but for that, `report` every finding. A list without any node is one.
    No node is sound where the list says what would be dropped.
    """
    found = Survey()

    def told(line: int, place: int, name: str, words: Words) -> None:
        found.wrong += 1
        report(line, place, name, words)

    seen = _Look(opened(), columns, agreement, found, told).through(table)
    suspected = {name: hashes for name, one in seen.items() if (hashes := one.suspected())}
    if suspected:
        _look_again(opened(), columns, suspected, found, told)
    if agreement.told:
        found.count = 0
    if not found.count and not found.wrong:
        told(1, 1, "", nodes.NO_NODES)
    return found


class _Look:
    """One reading in which each cell is held against its column."""

    def __init__(
        self, reader: Reader, columns: Mapping[str, Column], agreement: Agreement, found: Survey, report: Report
    ) -> None:
        self._reader, self._columns, self._agreement = reader, columns, agreement
        self._found, self._report = found, report
        self._cells: list[_Cells] = []
        self._read = 0  # nodes

    def through(self, table: Table) -> Mapping[str, Seen]:
        """Every node; what no two of them may share, column by column."""
        for batch in self._reader.batches(self._report):
            if not self._cells:
                self._cells = [_Cells(self._columns[name]) for name in self._reader.names]
                self._found.names = self._reader.names
                if self._lacks_columns():
                    break
            self._take(batch, table)
        self._found.filled = {of.column.name for of in self._cells if of.filled}
        seen = {of.column.name: of.seen for of in self._cells if of.column.unique}
        self._found.everywhere = {name for name, one in seen.items() if len(one.hashes) == self._found.count}
        return seen

    def _take(self, batch: Batch, table: Table) -> None:
        wrong = [one for of, texts in zip(self._cells, batch.columns, strict=True) for one in of.wrong(texts)]
        given = dict(zip(self._reader.names, batch.columns, strict=True))
        wrong += self._agreement.wrong(given, {number for number, *_ in wrong})
        self._found.bad.update(self._read + number for number, *_ in wrong)
        for number, name, words in sorted([*wrong, *self._agreement.dropped(given)], key=lambda one: one[0]):
            self._report(*self._reader.place(number, name), name, words)
        count = len(batch.lines)
        kept = Kept(range(self._read, self._read + count), batch.lines, batch.columns)
        if wrong:
            kept = chosen(kept, [number not in self._found.bad for number in kept.numbers])
        self._read += count
        self._found.count += len(kept.lines)
        if kept.lines:
            for of, texts in zip(self._cells, kept.columns, strict=True):
                of.note(texts)
            table.add(kept)

    def _lacks_columns(self) -> bool:
        lacks = [name for name, column in self._columns.items() if column.required and name not in self._found.names]
        for name in lacks:
            self._report(1, 1, "", nodes.no_column(name))
        return bool(lacks)


class _Cells:
    """What is known of the cells of one column: values that repeat are looked at once."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.filled = False
        self.seen = Seen()
        self._good: set[str] = set()

    def wrong(self, texts: Sequence[str]) -> Iterator[Wrong]:
        """What is wrong with these, each with its number."""
        column = self.column
        new = texts if column.unique else set(texts) - self._good
        if column.fit(new) and (all(texts) or not column.required):
            self._remember(texts)
            return
        for number, text in enumerate(texts):
            if (words := column.wrong(text)) is not None:
                yield number, column.name, words
            elif column.required and not text:
                yield number, column.name, nodes.no_value(column.name)

    def _remember(self, texts: Sequence[str]) -> None:
        if not self.column.unique and len(self._good) < _KNOWN_GOOD:
            self._good.update(texts)

    def note(self, texts: Sequence[str]) -> None:
        """These are of sound nodes."""
        self.filled = self.filled or any(texts)
        if self.column.unique:
            self.seen.hashes.extend(map(hash, _told_apart(self.column, texts)))


def _told_apart(column: Column, cells: Iterable[str]) -> list[str]:
    """What must be another on every node: of an address, without the length of its network."""
    values = column.values(cells)
    return [value.partition("/")[0] for value in values] if column.name == "addresses" else values


def _look_again(
    reader: Reader,
    columns: Mapping[str, Column],
    suspected: Mapping[str, Set[int]],
    found: Survey,
    report: Report,
) -> None:
    """Which values the suspected hashes are of. A node that is left out takes none from those after it."""
    first: dict[Value, int] = {}  # the line of the sound node that has it
    read = 0
    for batch in reader.batches(lambda *_: None):
        for at, values in _suspects(reader.names, batch.columns, columns, suspected):
            if read + at in found.bad:
                continue
            if wrong := _taken(values, first):
                found.bad.add(read + at)
                found.count -= 1
            else:
                first |= dict.fromkeys(values, batch.lines[at])
            for name, words in wrong:
                report(*reader.place(at, name), name, words)
        read += len(batch.lines)


def _taken(values: Sequence[Value], first: Mapping[Value, int]) -> list[tuple[str, Words]]:
    """What is wrong with a node that has these: another one has them, or it has one of them twice."""
    taken = [(name, nodes.taken(value, name, first[name, value])) for name, value in values if (name, value) in first]
    twice = [
        (name, nodes.value_twice(value)) for at, (name, value) in enumerate(values) if (name, value) in values[:at]
    ]
    return taken + twice


def _suspects(
    names: Sequence[str], cells: Columns, columns: Mapping[str, Column], suspected: Mapping[str, Set[int]]
) -> Iterator[tuple[int, list[Value]]]:
    """Each node that has any: its number, and its values whose hashes are suspected."""
    of = [(columns[name], suspected[name], cells[names.index(name)]) for name in suspected]
    for at in range(len(cells[0])):
        values = [
            (column.name, value)
            for column, hashes, texts in of
            for value in _told_apart(column, (texts[at],))
            if hash(value) in hashes
        ]
        if values:
            yield at, values
