"""One node without a list: the values that a command line gives to a profile's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator import errors, variables
from generator import plan as planning
from generator import profile as profiles
from generator.fleet import columns
from generator.model import Plan, Profile
from generator.sentences import nodes
from generator.values import KINDS


def load(source: str, asked: Sequence[str]) -> Plan:
    """The plan of a profile in which names have these values, each NAME=VALUE. Raises Refused as `plan.load` does.

    Raises a usage error for a name that the profile does not have, and a value that is not of its type.
    """
    raw = profiles.bytes_of(source)
    read = profiles.of_bytes(raw, source)
    if not asked or read.document.findings:
        return planning.of(read)
    values = given(asked, read.profile)
    found = profiles.of_bytes(raw, source, values)
    if read.profile.network is not None:
        profiles.check_network(found.document, values)
    if found.document.findings:
        raise errors.Refused(found.document.findings)
    return planning.of(found)


def given(asked: Sequence[str], profile: Profile) -> dict[str, Any]:
    """Every value, of the type that its name has."""
    known = {name: column for name, column in columns.columns(profile).items() if name in _names(profile)}
    found: dict[str, Any] = {}
    for one in asked:
        name, equals, text = one.partition("=")
        if not equals or name in found:
            raise errors.usage(*(nodes.given_twice(name) if equals else nodes.no_value_given(one)))
        if name not in known:
            raise errors.usage(*nodes.no_such_name(name, sorted(known)))
        found[name] = _typed(known[name], text, profile)
    return found


def _names(profile: Profile) -> frozenset[str]:
    return frozenset((*variables.COLUMNS, *profile.vars))


def _typed(column: columns.Column, text: str, profile: Profile) -> Any:  # noqa: ANN401 - of the type that the name has
    values = column.values((text,))
    wrong = column.wrong(text) if values else column.rule.wrong(text)
    if wrong is not None:
        sentence, hint = wrong
        raise errors.usage(f"--set {column.name}: {sentence}", hint)
    if column.name in variables.LISTS:
        return values
    declared: Mapping[str, Any] = profile.vars.get(column.name, {})
    return int(text) if declared and KINDS[str(declared["type"])].number else text
