"""What can be explained, by whatever name people know it: a setting, a check or a fault of it, or what they saw."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import names, reasons, schema, settings, symptoms
from generator.explain import proofs
from generator.facts import modules, versions
from generator.reasons import Claim, Place, Reason
from generator.symptoms import Cause, Symptom

# What stands around a name in what people paste: sysctl -w NAME=1, "NAME", NAME: 1
_BEFORE = re.compile(r"^[\s\"'`]*(?:(?:sudo|sysctl|modprobe|modinfo|grep|cat|-[a-z])\s+)*")
_AFTER = re.compile(r"\s*=.*$|:\s*[\w-]*$|[\s\"'`,;]+$")
_PARAMETER = re.compile(r"(?:/proc/sys/)?[a-z0-9_]+(?:[./][A-Za-z0-9_*-]+)+\Z")


@dataclass(frozen=True, slots=True)
class Topic:
    """All that is known of one setting: its row, what proves it, and what people see without it, by rank."""

    place: Place
    row: Reason
    proof: proofs.Proof
    seen: tuple[tuple[Symptom, int], ...]

    @property
    def name(self) -> str:
        """As `nodebake explain` takes it."""
        return names.full(*self.place)

    @property
    def needs(self) -> str:
        """The module without which a kernel parameter does not exist, or ""."""
        return reasons.module_of(self.place)

    def checks_of(self, claim: Claim) -> list[str]:
        """The checks that prove one claim: those whose name ends as it says, or all."""
        return [name for name in self.proof.checks if not claim.check or name.endswith(f".{claim.check}")]


def topics() -> tuple[Topic, ...]:
    """Everything that has a row, in the order of the rows."""
    return tuple(topic(place) for place in reasons.rows())


@functools.cache
def topic(place: Place) -> Topic:
    """What is known of a row."""
    row = reasons.rows()[place]
    return Topic(place, row, proofs.of(place, row), tuple(seen(place)))


def seen(place: Place) -> Iterator[tuple[Symptom, int]]:
    """The symptoms that this may cause, and its rank among their causes (from 1), the likeliest first.

    Of a kind that has one for each module or parameter, the one that names this one, or the one that names none.
    """
    found: dict[str, tuple[Symptom, int]] = {}
    for symptom in symptoms.rows():
        named = symptom.must in ("", place[1])
        for rank, cause in enumerate(symptom.causes, 1):
            if cause.row == place and named and not symptom.only_breaks:
                found[symptom.kind] = symptom, rank
                break
    return iter(sorted(found.values(), key=lambda one: one[1]))


def find(text: str) -> Place | None:
    """Where the row is that a name means, or None."""
    name = bare(text)
    if not name or re.search(r"\s", name):
        return None
    return _stem(name) or _qualified(name) or _key(name) or _proofs().get(name) or _planned(name)


def bare(text: str) -> str:
    """A name without the command, the quotes and the value that stand around it."""
    return _AFTER.sub("", _AFTER.sub("", _BEFORE.sub("", text)))


def is_parameter(text: str) -> bool:
    """Whether a name can only be a kernel parameter's."""
    return bool(_PARAMETER.match(bare(text)))


def _stem(name: str) -> Place | None:
    """A setting as such; one that has no row of its own is explained by its first."""
    if (name, "") in reasons.rows():
        return name, ""
    return next((place for place in reasons.rows() if place[0] == name), None)


def _qualified(name: str) -> Place | None:
    stem, _, key = name.partition(".")
    return reasons.find(stem, key) if key else None


def _key(name: str) -> Place | None:
    """A key alone: a parameter, a module, a package, a part of a preset; in any case, and by its last part."""
    found = (reasons.find(stem, name) for stem in dict.fromkeys(stem for stem, _ in reasons.rows()))
    gone = modules.gone(name)
    instead = reasons.find("modules", gone.instead) if gone else None
    return next(filter(None, found), None) or instead or _loosely(name.lower())


def _loosely(name: str) -> Place | None:
    for say in (lambda place: place[1], lambda place: names.full(*place), lambda place: place[1].rpartition(".")[2]):
        found = [place for place in reasons.rows() if place[1] and say(place).lower() == name]
        if len(found) == 1:
            return found[0]
    return None


@functools.cache
def _proofs() -> Mapping[str, Place]:
    """Checks and faults by their names. The row that is nearest to one has it, not the setting as such."""
    found: dict[str, Place] = {}
    for one in sorted(topics(), key=lambda one: one.place[1] == ""):
        for name in (*one.proof.checks, *one.proof.faults):
            found.setdefault(name, one.place)
    return found


def _planned(name: str) -> Place | None:
    """What `plan` prints of a value whose row has another name: a glob's, the preset's, the whole setting's."""
    stem, _, key = name.partition(".")
    if not key or stem not in settings.stems():
        return None
    for cut in (key, key.rpartition(".")[0]):  # a check of it, and a fault, have one part more
        if "." in cut and (found := reasons.find(stem, cut) or reasons.find("sysctl", cut)):
            return found
    rows = [(place, row.sample) for place, row in reasons.rows().items() if place[0] == stem]
    part = next((place for place, sample in rows if isinstance(sample, dict) and key in sample), None)
    return part or ((stem, "") if _is_free(stem) and (stem, "") in reasons.rows() else None)


def _is_free(stem: str) -> bool:
    """Whether the keys of a setting are anybody's to choose: users, packages, units, files."""
    return "properties" not in schema.profile_schema()["properties"][stem] and stem not in names.SPELLINGS


def guesses(text: str) -> list[str]:
    """Names that look like one that is not known, the nearest first."""
    name = bare(text).lower()
    known: dict[str, str] = {}
    for place in reasons.rows():
        full = names.full(*place)
        known |= {said.lower(): full for said in (full, place[1], place[1].rpartition(".")[2]) if said}
    known |= {said: said for said in _proofs()} | {feature.lower(): feature for feature in versions.features()}
    near = difflib.get_close_matches(name, known, 4, 0.7)
    return list(dict.fromkeys(known[found] for found in near))[:3]


_SHORT = 4  # letters: shorter words are in every row


def mentioning(text: str) -> list[str]:
    """The rows that speak of a word which is no name of theirs (NodeSwap, cilium, fstab), the most first."""
    if len(bare(text)) < _SHORT:
        return []
    word = re.compile(rf"(?<![\w-]){re.escape(bare(text))}(?![\w-])", re.IGNORECASE)
    counts = {names.full(*place): len(word.findall(str(row))) for place, row in reasons.rows().items()}
    return sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name])[:3]


def named_in(text: str) -> list[str]:
    """The parameters and modules that a text names, where no symptom is known."""
    found = {
        reasons.find("sysctl", key.group())
        for key in re.finditer(r"net[./][\w./-]+|(?:vm|fs|kernel)[./][\w./-]+", text)
    }
    found |= {reasons.find("modules", word) for word in re.findall(r"\b[a-z]+[_-][a-z_]+\b", text)}
    return sorted(names.full(*place) for place in found if place)


def why(cause: Cause) -> str:
    """What the row of a cause says."""
    return reasons.rows()[cause.row].why
