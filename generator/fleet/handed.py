"""user-data of many nodes in the form that a cloud takes, and that it fits there, node by node."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from generator import targets
from generator.fleet import template
from generator.fleet.documents import Templates
from generator.fleet.forms import BYTES
from generator.fleet.reading import Report, Row
from generator.targets import Target, TooLarge

USER_DATA = "user-data"
IN_JSON = "user-data-base64"  # what comes out of gzip is no text; it is also what APIs want


@dataclass(frozen=True, slots=True)
class Handed:
    """Templates of which user-data is as `target` takes it."""

    target: Target
    plain: Templates

    def fits(self, rows: Iterable[Row], report: Report) -> set[int]:
        """The lines of the nodes whose user-data does not fit; each is reported."""
        one, room = self.plain[USER_DATA], self.target.room
        bad = set()
        for line, node in rows:
            content = one.fill(node).encode()
            if len(content) > room:
                try:
                    self.target.deliver(content)
                except TooLarge as error:
                    bad.add(line)
                    report(line, 1, "", (error.sentence, error.hint))
        return bad

    def templates(self, *, in_json: bool) -> Templates:
        """Of each node's documents."""
        others = {name: one for name, one in self.plain.items() if name != USER_DATA}
        if in_json:
            return {
                IN_JSON: template.of(lambda node: base64.b64encode(self._content(node)).decode(), plain=True),
                **others,
            }
        return {USER_DATA: template.of(lambda node: self._content(node).decode(errors=BYTES)), **others}

    def _content(self, node: template.Values) -> bytes:
        return self.target.deliver(self.plain[USER_DATA].fill(node).encode()).content


def handed(target: str, cloud_init: str, plain: Templates) -> Handed:
    """As a target takes it, by its name, whose guests have a cloud-init of this version."""
    return Handed(targets.load(target).for_guest(cloud_init), plain)
