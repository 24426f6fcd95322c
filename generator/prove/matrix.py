"""Faults x checks as characters: one row a fault, one column a check, in blocks that fit a width."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from generator.prove.record import Proof, Trial

_MARKS: Mapping[tuple[bool, bool], str] = {  # by whether red was predicted, and seen
    (True, True): "#",
    (False, False): ".",
    (True, False): "-",
    (False, True): "+",
}
_LEGEND = "# red as predicted  . green  - missed, stayed green  + collateral, turned red"
_GAP = "  "
_TIE = "\0"  # a blank at which no line ends
_NARROWEST = 20  # columns for the checks, however long the names of the faults are


@dataclass(frozen=True, slots=True)
class Group:
    """Checks of one stem that stand side by side; `first` is the number of the first of them."""

    stem: str
    checks: tuple[str, ...]
    first: int = 1

    @property
    def width(self) -> int:
        return max(len(self.stem), len(self.checks))

    def row(self, cell: Callable[[int, str], str]) -> str:
        return "".join(cell(number, check) for number, check in enumerate(self.checks, self.first)).ljust(self.width)


def groups(proof: Proof) -> list[Group]:
    """The checks by their stems, in the plan's order."""
    order = list(dict.fromkeys(_stem(expect.id) for expect in proof.expects))
    ids = sorted((expect.id for expect in proof.expects), key=lambda one: order.index(_stem(one)))
    return [Group(stem, tuple(checks)) for stem, checks in groupby(ids, key=_stem)]


def mark(trial: Trial, check: str) -> str:
    """The cell of a fault and a check."""
    return _MARKS[check in trial.fault.red, check in trial.red]


def lines(proof: Proof, width: int) -> Iterator[str]:
    """The matrix, and what its signs and numbers mean. Groups that do not fit side by side stand in blocks below."""
    left = max((len(trial.fault.id) for trial in proof.trials), default=0)
    for block in _blocks(groups(proof), max(_NARROWEST, width - left - len(_GAP))):
        yield _GAP.join([" " * left, *(group.stem.ljust(group.width) for group in block)]).rstrip()
        yield _GAP.join([" " * left, *(group.row(_digit) for group in block)]).rstrip()
        for trial in proof.trials:
            cells = (group.row(lambda _, check, trial=trial: mark(trial, check)) for group in block)  # type: ignore[misc]
            yield _GAP.join([trial.fault.id.ljust(left), *cells]).rstrip()
        yield ""
    yield _LEGEND
    for group in groups(proof):
        names = [
            f"{number}{_TIE}{check.removeprefix(group.stem + '.')}" for number, check in enumerate(group.checks, 1)
        ]
        told = f"{group.stem}: {', '.join(names)}"
        rows = textwrap.wrap(told, width, subsequent_indent=_GAP, break_long_words=False, break_on_hyphens=False)
        yield from (row.replace(_TIE, " ") for row in rows)


def _stem(check: str) -> str:
    return check.partition(".")[0]


def _digit(number: int, _check: str) -> str:
    return str(number % 10)


def _blocks(every: Sequence[Group], width: int) -> Iterator[list[Group]]:
    """Groups that fit side by side, as many as possible; one that is too wide by itself is cut."""
    block: list[Group] = []
    for group in (part for one in every for part in _cut(one, width)):
        if block and len(_GAP.join(one.stem.ljust(one.width) for one in (*block, group))) > width:
            yield block
            block = []
        block.append(group)
    if block:
        yield block


def _cut(group: Group, width: int) -> Iterator[Group]:
    for begin in range(0, len(group.checks), width):
        yield Group(group.stem, group.checks[begin : begin + width], group.first + begin)
