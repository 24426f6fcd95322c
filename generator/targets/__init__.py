"""Where user-data goes: what each cloud takes, counted as that cloud counts it. Rows of targets.yaml; all pure."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from generator import data, errors
from generator.cloudinit import versions
from generator.targets import sentences
from generator.targets.forms import FORMS, Body

_PLAIN = "plain"


class TooLarge(errors.NodebakeError):
    """User-data that a cloud does not take, in any form that its guest decodes."""

    exit_code = errors.REFUSED


@dataclass(frozen=True, slots=True)
class Limit:
    """`size` in bytes, or characters; `counted` is one of forms.COUNTED. What is not confirmed refuses nothing."""

    size: int
    counted: str
    source: str
    confirmed: bool = True

    def allows(self, body: Body, form: str, beside: int = 0) -> bool:
        """Whether a body in a form keeps this limit."""
        return body.size(FORMS[form], self.counted, beside) <= self.size


@dataclass(frozen=True, slots=True)
class Delivered:
    """What to hand over, in which form, and how much of the first limit it takes (None: there is no limit)."""

    content: bytes
    form: str
    how: str
    size: int
    limit: Limit | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One row of targets.yaml, which says what its fields are.

    `room` is how many bytes go as they are, whatever is in them: with a hundred thousand nodes, ask only for more than
    that (-1: nothing goes as it is). `seed`: what it takes is a seed image.
    """

    name: str
    title: str
    channel: str
    base64: Mapping[str, str]
    forms: Mapping[str, str]
    limits: tuple[Limit, ...]
    source: str
    room: int
    seed: bool = False
    since: str = ""
    note: str = ""
    instead: str = ""

    def for_guest(self, version: str) -> Target:
        """The target as that cloud-init sees it: without the base64 that it does not take off.

        Raises a usage error for a cloud-init that does not look there.
        """
        if self.since and versions.parse(version) < versions.parse(self.since):
            raise errors.usage(*sentences.not_read(self.title, self.since, version))
        late = "guest" in self.base64["by"] and versions.parse(version) < versions.parse(self.base64["since"])
        forms = {form: how for form, how in self.forms.items() if not (late and FORMS[form].base64)}
        return dataclasses.replace(self, forms=forms)

    def deliver(self, user_data: bytes, beside: int = 0) -> Delivered:
        """User-data in the first form that fits. Raises TooLarge.

        `beside` is the size of what counts together with it there (other metadata), in bytes.
        """
        body = Body(user_data)
        if len(user_data) <= self.room and not beside:
            return self._delivered(body, _PLAIN, beside, ())
        for form in self.forms:
            if all(limit.allows(body, form, beside) for limit in self.limits):
                return self._delivered(body, form, beside, ())
        return self._doubtful(body, beside)

    def in_form(self, user_data: bytes, form: str) -> Delivered:
        """User-data in this one of `forms`. Raises TooLarge where it does not fit in it, whatever another would do."""
        body = Body(user_data)
        over = [limit for limit in self.limits if not limit.allows(body, form)]
        if refused := next((limit for limit in over if limit.confirmed), None):
            raise self._too_large(body, refused, 0)
        return self._delivered(body, form, 0, self._doubts(over, body, form, 0))

    def _doubtful(self, body: Body, beside: int) -> Delivered:
        """What fits by all that is confirmed goes in the smallest form that does, with a warning."""
        sure = [limit for limit in self.limits if limit.confirmed]
        forms = sorted(self.forms, key=lambda form: body.size(FORMS[form], "text", 0))
        form = next((form for form in forms if all(limit.allows(body, form, beside) for limit in sure)), "")
        if not form:
            raise self._too_large(body, next(one for one in sure if not one.allows(body, forms[0], beside)), beside)
        over = [limit for limit in self.limits if not limit.allows(body, form, beside)]
        return self._delivered(body, form, beside, self._doubts(over, body, form, beside))

    def _doubts(self, over: Sequence[Limit], body: Body, form: str, beside: int) -> tuple[str, ...]:
        """What to warn of: limits that nobody has confirmed, and that are not kept."""
        return tuple(
            sentences.unconfirmed(self.title, limit.size, limit.counted, self._size(body, form, limit, beside))
            for limit in over
        )

    def _too_large(self, body: Body, limit: Limit, beside: int) -> TooLarge:
        sizes = [(form, self._size(body, form, limit, beside)) for form in self.forms]
        sentence = sentences.too_large(self.title, limit.size, limit.counted, sizes)
        return TooLarge(sentence, sentences.what_to_do(self.instead))

    def _delivered(self, body: Body, form: str, beside: int, warnings: tuple[str, ...]) -> Delivered:
        limit = self.limits[0] if self.limits else None
        size = self._size(body, form, limit, beside) if limit else len(body.content)
        return Delivered(body.handed(FORMS[form]), form, self.forms[form], size, limit, warnings)

    @staticmethod
    def _size(body: Body, form: str, limit: Limit, beside: int) -> int:
        return body.size(FORMS[form], limit.counted, beside)


@functools.cache
def _rows() -> Mapping[str, Any]:
    return cast(Mapping[str, Any], data.rows(Path(__file__).with_name("targets.yaml")))


def known() -> tuple[str, ...]:
    """The names of the targets, in the order of the file."""
    return tuple(_rows())


@functools.cache
def load(name: str) -> Target:
    """One target. Raises a usage error for a name that is not `known`."""
    if name not in known():
        raise errors.usage(*sentences.no_target(name, known()))
    row = _rows()[name]
    limits = tuple(Limit(**limit) for limit in row["limits"])
    room = min((_plainly(limit) for limit in limits), default=sys.maxsize) if _PLAIN in row["forms"] else -1
    fields: dict[str, Any] = {**row, "limits": limits, "room": room}
    return Target(name=name, **fields)


def _plainly(limit: Limit) -> int:
    """How many bytes keep a limit as they are. A character is one of them, or more."""
    return limit.size // 4 * 3 if limit.counted == "base64" else limit.size
