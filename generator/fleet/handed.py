"""user-data of many nodes in the form that a cloud takes, and that it fits there, node by node."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from generator import targets
from generator.fleet import template
from generator.fleet.documents import Templates
from generator.fleet.forms import BYTES
from generator.fleet.reading import Report
from generator.fleet.table import Kept
from generator.targets import Target, TooLarge

USER_DATA = "user-data"
IN_JSON = "user-data-base64"  # what comes out of gzip is no text; it is also what APIs want


@dataclass(frozen=True, slots=True)
class Handed:
    """Templates of which user-data is as `target` takes it."""

    target: Target
    plain: Templates

    def fits(self, batches: Iterable[Kept], report: Report) -> set[int]:
        """The numbers of the nodes whose user-data does not fit; each is reported."""
        one, room = self.plain[USER_DATA], self.target.room
        bad = set()
        for batch in batches:
            for number, line, text in zip(batch.numbers, batch.lines, one.fill(batch.columns), strict=True):
                content = text.encode()
                if len(content) > room:
                    try:
                        self.target.deliver(content)
                    except TooLarge as error:
                        bad.add(number)
                        report(line, 1, "", (error.sentence, error.hint))
        return bad

    def templates(self, *, in_json: bool) -> Templates:
        """Of each node's documents."""
        others = {name: one for name, one in self.plain.items() if name != USER_DATA}
        if in_json:
            encoded = self._delivered(lambda content: base64.b64encode(content).decode())
            return {IN_JSON: template.of(encoded, plain=True), **others}
        return {USER_DATA: template.of(self._delivered(lambda content: content.decode(errors=BYTES))), **others}

    def _delivered(self, spelled: Callable[[bytes], str]) -> template.Form:
        one, deliver = self.plain[USER_DATA], self.target.deliver
        return lambda block: [spelled(deliver(text.encode()).content) for text in one.fill(block)]


def handed(target: str, cloud_init: str, plain: Templates) -> Handed:
    """As a target takes it, by its name, whose guests have a cloud-init of this version."""
    return Handed(targets.load(target).for_guest(cloud_init), plain)
