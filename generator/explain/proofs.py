"""Which checks prove a value, and which faults turn them red: taken from what its setting yields, and never typed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from generator import distro, errors, names, reasons, schema, settings
from generator.model import Expect, Fault, Implied, Part, Profile
from generator.reasons import Place, Reason
from generator.settings import Context


@dataclass(frozen=True, slots=True)
class Proof:
    """Expectations and faults by their names, and what a preset brings."""

    checks: Mapping[str, Expect] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    brings: tuple[Implied, ...] = ()


def of(place: Place, row: Reason) -> Proof:
    """What the setting yields from the row's sample. Nothing where no profile can have it."""
    stem, key = place
    sample = _sample(place, row)
    if sample is None or row.refused:
        return Proof()
    context = _context(place, sample)
    try:
        part = settings.stems()[stem].part(sample, context)
    except errors.Refused:
        return Proof()
    return Proof(*_of_key(part, place, sample), brings=_brings(stem, key, sample, context))


def _of_key(part: Part, place: Place, sample: object) -> tuple[dict[str, Expect], dict[str, Fault]]:
    """The expectations of the key where the setting tells its keys apart, else all; and the faults that redden them."""
    own = _own(place, sample, {expect.setting for expect in part.expects})
    checks = {one.id: one for one in part.expects if one.setting in own}
    return checks, {one.id: one for one in part.faults if not one.red.isdisjoint(checks)}


def _own(place: Place, sample: object, told: set[str]) -> set[str]:
    """What is expected of the key, or of those that its row speaks for; all where nothing has a name of its own."""
    stem, key = place
    named = [name for name in sample if isinstance(name, str)] if isinstance(sample, (dict, list)) else []
    if not key or not {names.full(stem, name) for name in (key, *named)} & told:
        return told
    spoken = {names.full(stem, name) for name in named if reasons.find(stem, name) == place}
    return {names.full(stem, key)} & told or spoken


def _brings(stem: str, key: str, sample: object, context: Context) -> tuple[Implied, ...]:
    implies = getattr(settings.stems()[stem], "implies", None)
    brought = tuple(implies(sample, context)) if implies else ()
    return tuple(one for one in brought if not key or one.by == names.full(stem, key))


def _sample(place: Place, row: Reason) -> Any:  # noqa: ANN401 - what the stem's schema takes
    """A value of the whole setting that has this key, or None where no schema takes one."""
    stem, key = place
    if stem not in settings.stems():
        return None
    part = schema.profile_schema()["properties"][stem]
    made = _made(part, key, row.sample)
    return made if _validator(stem).is_valid(made) else None


@functools.cache
def _validator(stem: str) -> Draft202012Validator:
    whole = schema.profile_schema()
    return Draft202012Validator({**whole["properties"][stem], "$defs": whole["$defs"]})


def _made(part: Mapping[str, Any], key: str, sample: object) -> Any:  # noqa: ANN401
    """The row's sample as the whole value, or around it what the schema asks for, or the schema's own example."""
    if isinstance(sample, (dict, list)):
        return sample
    if part.get("type") == "array" and key:
        return [key]
    if part.get("type") == "object" and "properties" not in part and sample is not None:
        return {key: sample}
    return sample if sample is not None else part.get("examples", [None])[0]


def _context(place: Place, sample: object) -> Context:
    module = reasons.module_of(place) if place in reasons.rows() else ""
    needed = {"modules": [module]} if module else {}
    profile = Profile("sample", distro.DEFAULT, {**needed, place[0]: sample}, "", "sample", {})
    return Context(profile, distro.load(distro.DEFAULT))
