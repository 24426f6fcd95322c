"""The columns of a list of nodes: what may stand in each, and which of them no two nodes share."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator import schema, sentences
from generator.model import Profile
from generator.sentences import Words, nodes
from generator.values import KINDS

_USER = schema.profile_schema()["properties"]["users"]["items"]["properties"]
_KEY = re.compile(_USER["ssh_authorized_keys"]["items"]["pattern"], re.ASCII)  # a key is what it is for a user
_INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}", re.ASCII)
# A label of Kubernetes: a name of at most 63, before it perhaps a domain and a slash; its value may be empty.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_PART = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_LABEL = re.compile(rf"(?:(?=[^/]{{1,253}}/)({_PART}(?:\.{_PART})*)/)?({_NAME})=(?:{_NAME})?", re.ASCII)
# kubelet refuses to start with labels of Kubernetes' own that it does not know (kubelet/apis/well_known_labels.go).
_OURS = re.compile(r"(?:.*\.)?(?:kubernetes|k8s)\.io")
_FREE = re.compile(r"(?:.*\.)?(?:node|kubelet)\.kubernetes\.io")
_WELL_KNOWN = {
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Which texts fit, and what is wrong with one that does not."""

    fits: Callable[[str], object]
    wrong: Callable[[str], Words]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `rule` is of its values; "" is none.

    `whole`, where there is one, is of a cell with all its values. `split` is between the values of a list,
    which may be a `mapping` in JSON and YAML. Of a `unique` one no two nodes may have the same. Of a `secret` one no
    sentence repeats a value.
    """

    name: str
    rule: Rule
    whole: Rule | None = None
    split: str = ""
    mapping: bool = False
    unique: bool = False
    required: bool = False
    default: str = ""
    secret: bool = False

    def fit(self, cells: Iterable[str]) -> bool:
        """Whether nothing is wrong with any of these."""
        if self.whole is not None and not all(map(self.whole.fits, cells := tuple(cells))):
            return False
        return all(map(self.rule.fits, self.values(cells)))

    def wrong(self, cell: str) -> Words | None:
        """What is wrong with this one, by its first value that does not fit."""
        bad = next((value for value in self.values((cell,)) if not self.rule.fits(value)), None)
        if bad is not None:
            return self.rule.wrong(bad)
        return self.whole.wrong(cell) if self.whole is not None and not self.whole.fits(cell) else None

    def values(self, cells: Iterable[str]) -> list[str]:
        """All values in some cells, in their order."""
        if not self.split:
            return list(filter(None, cells))
        return [value for cell in cells if cell for value in cell.split(self.split)]


def columns(profile: Profile) -> Mapping[str, Column]:
    """Those of every list, then the values that the profile declares, in its order."""
    every = (dataclasses.replace(column, required=column.required or column.name in profile.uses) for column in _EVERY)
    return {column.name: column for column in (*every, *(_declared(*item, profile) for item in profile.vars.items()))}


def _of_kind(kind: str) -> Rule:
    return Rule(KINDS[kind].fits, lambda text: nodes.not_of_the_type(text, kind))


def _of_form(pattern: re.Pattern[str], form: str) -> Rule:
    return Rule(pattern.fullmatch, lambda text: sentences.not_of_the_form(text, form))


def _label(text: str) -> bool:
    match = _LABEL.fullmatch(text)
    return match is not None and not _forbidden(match[1] or "", text)


def _forbidden(domain: str, text: str) -> bool:
    known = _FREE.fullmatch(domain) or text.partition("=")[0] in _WELL_KNOWN
    return bool(_OURS.fullmatch(domain)) and not known


def _wrong_label(text: str) -> Words:
    if _LABEL.fullmatch(text):
        return nodes.label_of_kubernetes(text.partition("=")[0])
    return sentences.not_of_the_form(text, "a label is written name=value or domain/name=value")


def _labels(cell: str) -> bool:
    names = [label.partition("=")[0] for label in cell.split(",")]
    return len(set(names)) == len(names)


def _label_twice(cell: str) -> Words:
    names = [label.partition("=")[0] for label in cell.split(",")]
    return nodes.value_twice(next(name for name in names if names.count(name) > 1))


def _not_among(text: str, allowed: Sequence[str]) -> Words:
    return sentences.not_among(text, allowed, difflib.get_close_matches(text, allowed, 1), "")


def _declared(name: str, entry: Mapping[str, Any], profile: Profile) -> Column:
    kind, secret = str(entry["type"]), bool(entry.get("secret", False))
    allowed = tuple(map(str, entry.get("one_of", ())))
    default = str(entry.get("default", ""))
    rule = _of_kind(kind)
    if allowed:
        rule = Rule(frozenset(allowed).__contains__, lambda text: _not_among(text, allowed))
    if secret:
        rule = dataclasses.replace(rule, wrong=lambda _text: nodes.not_told(kind))
    return Column(name, rule, required=name in profile.uses and not default, default=default, secret=secret)


_EVERY = (
    Column("hostname", _of_kind("hostname"), unique=True, required=True),
    Column(
        "instance_id", _of_form(_INSTANCE_ID, "an instance-id is at most 128 letters, digits and ._:-"), unique=True
    ),
    Column("mac", _of_kind("mac"), unique=True),
    Column("addresses", _of_kind("prefix"), split=" ", unique=True),
    Column("gateways", _of_kind("address"), split=" "),
    Column("nameservers", _of_kind("address"), split=" "),
    Column("search", _of_kind("hostname"), split=" "),
    Column("labels", Rule(_label, _wrong_label), Rule(_labels, _label_twice), split=",", mapping=True),
    Column(
        "ssh_authorized_keys",
        _of_form(_KEY, "a public key is written: ssh-ed25519 AAAA... comment"),
        split="\n",
    ),
)
BUILT_IN = frozenset(column.name for column in _EVERY)
