"""The first reading of a list of nodes: every cell is looked at, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from generator.fleet.columns import Column
from generator.fleet.reading import Reader, Report
from generator.fleet.unique import Seen
from generator.sentences import Words, nodes

_KNOWN_GOOD = 4096  # of a column whose values repeat, so many are remembered
Open = Callable[[], Reader]


@dataclass(slots=True)
class Survey:
    """What is known of a list: how many nodes are sound, the lines where others begin, and the columns, in its order.

    `filled` are those in which some node has a value, `everywhere` the unique ones in which each sound node has just
    one; `wrong` counts what is wrong, with nodes or with the list.
    """

    count: int = 0
    wrong: int = 0
    bad: set[int] = field(default_factory=set)
    names: tuple[str, ...] = ()
    filled: set[str] = field(default_factory=set)
    everywhere: set[str] = field(default_factory=set)


def look_through(opened: Open, columns: Mapping[str, Column], own_network: bool, report: Report) -> Survey:
    """Read the list once, and once more if two nodes may share what they must not.

    `report` gets every finding. A list without any node is one. `own_network`: the profile says itself what its nodes'
    network is.
    """
    found = Survey()

    def told(line: int, place: int, name: str, words: Words) -> None:
        found.wrong += 1
        report(line, place, name, words)

    looked = _Look(opened(), columns, own_network, found, told)
    seen = looked.through()
    suspected = {name: hashes for name, one in seen.items() if (hashes := one.suspected())}
    if suspected:
        _look_again(opened(), columns, suspected, found, told)
    if not found.count and not found.wrong:
        told(1, 1, "", nodes.NO_NODES)
    return found


class _Look:
    """One reading in which each cell is held against its column."""

    def __init__(
        self, reader: Reader, columns: Mapping[str, Column], own_network: bool, found: Survey, report: Report
    ) -> None:
        self._reader, self._columns, self._own_network = reader, columns, own_network
        self._found, self._report = found, report
        self._at: Mapping[str, int] = {}
        self._card: tuple[int | None, ...] = ()

    def through(self) -> Mapping[str, Seen]:
        """Every row; what no two nodes may share, column by column."""
        cells_of: list[_Cells] = []
        seen: dict[str, Seen] = {}
        unique: list[tuple[str, int, Callable[[int], None]]] = []
        for line, cells in self._reader.rows(self._report):
            if not cells_of:
                cells_of = self._columns_of_list()
                seen = {of.column.name: Seen() for of in cells_of if of.column.unique}
                unique = [(self._columns[name].split, self._at[name], one.hashes.append) for name, one in seen.items()]
                if self._lacks_columns():
                    break
            if self._sound(line, cells, cells_of):
                self._found.count += 1
                for split, index, note in unique:
                    if text := cells[index]:
                        for value in values(split, text) if split else (text,):
                            note(hash(value))
        self._found.filled = {of.column.name for of in cells_of if of.filled}
        self._found.everywhere = {name for name, one in seen.items() if len(one.hashes) == self._found.count}
        return seen

    def _columns_of_list(self) -> list[_Cells]:
        self._found.names = self._reader.names
        self._at = {name: index for index, name in enumerate(self._reader.names)}
        self._card = tuple(map(self._at.get, ("mac", "addresses", "gateways")))
        self._own_network |= self._card[1:] == (None, None)  # nothing is said that could not agree
        return [_Cells(self._columns[name]) for name in self._reader.names]

    def _sound(self, line: int, cells: list[str], cells_of: list[_Cells]) -> bool:
        good = True
        for text, of in zip(cells, cells_of, strict=True):
            if text:
                of.filled = True
                if text not in of.good and (words := of.wrong(text)) is not None:
                    good = self._wrong(line, of.column.name, words)
            elif of.column.required:
                good = self._wrong(line, of.column.name, nodes.no_value(of.column.name))
        return good and (self._own_network or self._agrees(line, cells))

    def _wrong(self, line: int, name: str, words: Words) -> bool:
        self._found.bad.add(line)
        self._report(*self._reader.place(line, name), name, words)
        return False

    def _lacks_columns(self) -> bool:
        lacks = [name for name, column in self._columns.items() if column.required and name not in self._at]
        for name in lacks:
            self._report(1, 1, "", nodes.no_column(name))
        return bool(lacks)

    def _agrees(self, line: int, cells: list[str]) -> bool:
        mac, addresses, gateways = (cells[at] if at is not None else "" for at in self._card)
        if addresses and not mac:
            return self._wrong(line, "addresses", nodes.address_without_mac())
        if gateways and not addresses:
            return self._wrong(line, "gateways", nodes.gateway_without_address())
        return True


class _Cells:
    """What is known of the cells of one column: values that repeat are looked at once."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.filled = False
        self.good: set[str] = set()

    def wrong(self, text: str) -> Words | None:
        """What is wrong with a text that is not among the good ones."""
        words = self.column.wrong(text)
        if words is None and not self.column.unique and len(self.good) < _KNOWN_GOOD:
            self.good.add(text)
        return words


def values(split: str, text: str) -> list[str]:
    """What must be another on every node: of an address, without the length of its network."""
    return [part.partition("/")[0] for part in text.split(split)] if split else [text]


def _look_again(
    reader: Reader,
    columns: Mapping[str, Column],
    suspected: Mapping[str, frozenset[int]],
    found: Survey,
    report: Report,
) -> None:
    """Which values the suspected hashes are of, and where each stood first."""
    first: dict[tuple[str, str], int] = {}
    for line, cells in reader.rows(lambda *_: None):
        for name, text in zip(reader.names, cells, strict=True) if line not in found.bad else ():
            for value in values(columns[name].split, text) if text and name in suspected else ():
                held = first.setdefault((name, value), line) if hash(value) in suspected[name] else line
                if held != line and line not in found.bad:
                    found.bad.add(line)
                    found.count -= 1
                    report(*reader.place(line, name), name, nodes.taken(value, name, held))
