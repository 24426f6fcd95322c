"""user-data of many nodes in the form that a cloud takes, one for all of them, and that it fits there, node by node."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator import progress, targets
from generator.fleet import template
from generator.fleet.documents import Templates
from generator.fleet.forms import BYTES
from generator.fleet.reading import Report
from generator.fleet.table import Kept
from generator.targets import Delivered, Target, TooLarge, breakdown, sentences

USER_DATA = "user-data"
IN_JSON = "user-data-base64"  # what comes out of gzip is no text; it is also what APIs want
_GROWN = (
    1.4  # times what it was, and a hundred bytes more: no form makes more of a document, base64 of gzip at its worst
)
Batches = Callable[[], Iterable[Kept]]


@dataclass(frozen=True, slots=True)
class Handed:
    """Templates of which user-data is as `target` takes it, in `form`, for a cloud may have to be told which it is."""

    target: Target
    plain: Templates
    form: str

    def fitting(self, batches: Batches, report: Report) -> tuple[Handed, set[int]]:
        """In the form that every node fits in, and the numbers of those that do not, each of which is reported."""
        look = _Look(self.target, report)
        needed = {look.needs(*one) for one in self._larger(batches, self.target.room)}
        order = list(self.target.forms)
        form = max(needed - {""}, key=order.index, default=order[0])
        if form != order[0]:  # those that would have gone in another go in this, too
            for one in self._larger(batches, int((self.target.room - 100) / _GROWN)):
                look.takes(*one, form)
        for line in (*look.table, *(f"warning: {warning}" for warning in look.warnings)):
            progress.say(line)
        return dataclasses.replace(self, form=form), look.bad

    def _larger(self, batches: Batches, size: int) -> Iterator[tuple[int, int, bytes]]:
        """The number and line of each node of which user-data is larger, and that."""
        one = self.plain[USER_DATA]
        for batch in batches():
            for number, line, text in zip(batch.numbers, batch.lines, one.fill(batch.columns), strict=True):
                if len(content := text.encode()) > size:
                    yield number, line, content

    def templates(self, *, in_json: bool) -> Templates:
        """Of each node's documents."""
        others = {name: one for name, one in self.plain.items() if name != USER_DATA}
        if in_json:
            encoded = self._delivered(lambda content: base64.b64encode(content).decode())
            return {IN_JSON: template.of(encoded, plain=True), **others}
        return {USER_DATA: template.of(self._delivered(lambda content: content.decode(errors=BYTES))), **others}

    def _delivered(self, spelled: Callable[[bytes], str]) -> template.Form:
        one, target, form = self.plain[USER_DATA], self.target, self.form
        return lambda block: [spelled(target.in_form(text.encode(), form).content) for text in one.fill(block)]

    def record(self) -> dict[str, str]:
        """For a manifest."""
        return {"name": self.target.name, "form": self.form, "how": self.target.forms[self.form]}

    def told(self, *, in_json: bool) -> str:
        """What people do with each node's."""
        how = self.target.forms[self.form]
        there = f"{how} (FILE: {IN_JSON}, decoded)" if in_json else how.replace("FILE", f"HOSTNAME/{USER_DATA}")
        return sentences.handed(self.target.title, self.form, "", there)


class _Look:
    """What is found out node by node."""

    def __init__(self, target: Target, report: Report) -> None:
        self._target, self._report = target, report
        self.bad: set[int] = set()
        self.table: Sequence[str] = ()
        self.warnings: list[str] = []

    def needs(self, number: int, line: int, content: bytes) -> str:
        """The first form that this one fits in; "" where there is none."""
        made = self._tried(number, line, content, self._target.deliver)
        return made.form if made else ""

    def takes(self, number: int, line: int, content: bytes, form: str) -> None:
        """Whether it fits in this form."""
        if number not in self.bad:
            self._tried(number, line, content, lambda content: self._target.in_form(content, form))

    def _tried(self, number: int, line: int, content: bytes, deliver: Callable[[bytes], Delivered]) -> Delivered | None:
        try:
            made = deliver(content)
        except TooLarge as error:
            if not self.bad:  # what takes the space in one; the others are much like it
                self.table = breakdown.table(content)
            self._report(line, 1, "", (error.sentence, error.hint))
            self.bad.add(number)
            return None
        if not self.warnings:
            self.warnings += (f"line {line}: {warning}" for warning in made.warnings)
        return made


def handed(target: str, cloud_init: str, plain: Templates, form: str = "") -> Handed:
    """As a target takes it, by its name, whose guests have a cloud-init of this version; "" is its first form."""
    row = targets.load(target).for_guest(cloud_init)
    return Handed(row, plain, form or next(iter(row.forms)))
