"""Columns that the profile's own `network` names: of their values only what network-config takes at that place."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

from generator import network, variables
from generator import profile as profiles
from generator.fleet.columns import Column, Rule
from generator.sentences import nodes
from generator.values import KINDS

# Values of a type that a choosy place does not all take; one that takes them all is taken to be none.
_PROBES: Mapping[str, tuple[str, ...]] = {
    "text": ("x", "?", "99999", "a-b:c"),
    "integer": ("-1", "0", "4095", "70000", "99999999999"),
    "address": ("192.0.2.1", "2001:db8::1"),
    "prefix": ("192.0.2.1/24", "2001:db8::1/64"),
}


def narrowed(columns: Mapping[str, Column], read: profiles.Reading) -> Mapping[str, Column]:
    """The same, and those that `network` names with what cloud-init's schema and the kernel say of their values."""
    if read.profile.network is None:
        return columns
    names = {name for _, name in variables.named(read.document.value["network"], ())}
    return {name: _narrowed(one, read) if name in names else one for name, one in columns.items()}


def _narrowed(column: Column, read: profiles.Reading) -> Column:
    """A value that was looked at is remembered: many nodes have the same, where not all are taken."""
    declared = read.profile.vars.get(column.name, {})
    kind = str(declared.get("type", variables.COLUMNS.get(column.name, "text")))

    @functools.lru_cache(maxsize=65536)
    def why_not(text: str) -> str:
        value: Any = int(text) if KINDS[kind].number else text
        given = {column.name: [value] if column.name in variables.LISTS else value}
        return network.why_not(profiles.network_of(read.document, given))

    probes = declared.get("one_of") or _PROBES.get(kind, (KINDS[kind].sample,))
    if not any(why_not(str(probe)) for probe in probes):
        return column
    of_type = column.rule
    rule = Rule(
        lambda text: of_type.fits(text) and not why_not(text),
        lambda text: (
            of_type.wrong(text)
            if not of_type.fits(text)
            else nodes.refused_in_network(why_not(text), secret=column.secret)
        ),
    )
    return dataclasses.replace(column, rule=rule)
