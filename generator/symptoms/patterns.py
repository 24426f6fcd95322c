"""The texts of the symptoms as words, how much each word tells, and which texts a line may be at all."""

from __future__ import annotations

import errno
import functools
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator import symptoms
from generator.symptoms import Symptom, Text
from generator.symptoms.words import API, CLUSTER, PUBLIC, words

_ROUNDING = 1e-9
# Words of every log. A piece that has no other could be cut out of any line.
_EVERYDAY = frozenset(Path(__file__).with_name("everyday.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of a symptom. A line without the words of `must` is something else."""

    symptom: Symptom
    text: Text
    words: tuple[str, ...]
    weight: float
    must: frozenset[str]


def candidates(have: frozenset[str], least: float = 0.0) -> Iterator[Pattern]:
    """The patterns that can share `least` of their weight with a line, and whose musts it has.

    A line that names an address of the internet does not speak of the cluster.
    """
    shared: dict[int, float] = {}
    for word in have:
        for number, times in _by_word().get(word, {}).items():
            shared[number] = shared.get(number, 0.0) + times * weight_of(word)
    for number in sorted(shared):
        pattern = _patterns()[number]
        elsewhere = CLUSTER in pattern.must and PUBLIC in have
        if shared[number] >= least * pattern.weight - _ROUNDING and pattern.must <= have and not elsewhere:
            yield pattern


def weight(found: Iterable[str]) -> float:
    """The weight of words together."""
    return sum(map(weight_of, found))


@functools.cache
def weight_of(word: str) -> float:
    """How much a word tells. One that no symptom has weighs as much as one that one has."""
    return math.log(1 + len(_kinds()) / max(1, _counts()[word]))


def is_anything(found: tuple[str, ...]) -> bool:
    """Whether words are those of every log, or the kernel's own for an error and no more: they tell no cause."""
    return found in _errnos() or _EVERYDAY.issuperset(found)


@functools.cache
def _errnos() -> frozenset[tuple[str, ...]]:
    return frozenset(words(os.strerror(code)) for code in errno.errorcode)


@functools.cache
def _patterns() -> tuple[Pattern, ...]:
    return tuple(_pattern(symptom, text) for symptom in symptoms.rows() for text in symptom.texts)


def _pattern(symptom: Symptom, text: Text) -> Pattern:
    said = words(text.text)
    must = {*words(symptom.must), *words(text.must), *({CLUSTER, API} & set(said))}
    return Pattern(symptom, text, said, weight(said), frozenset(must))


@functools.cache
def _by_word() -> Mapping[str, Mapping[int, int]]:
    """Which patterns have a word, and how often."""
    found: dict[str, dict[int, int]] = {}
    for number, pattern in enumerate(_patterns()):
        for word, times in Counter(pattern.words).items():
            found.setdefault(word, {})[number] = times
    return found


@functools.cache
def _kinds() -> frozenset[str]:
    """A symptom that has a text for each module is one. What rows say `breaks` repeats them, and does not count."""
    return frozenset(symptom.kind for symptom in symptoms.rows() if not symptom.only_breaks)


@functools.cache
def _counts() -> Counter[str]:
    """In how many kinds of symptom a word stands."""
    seen = {
        (word, symptom.kind)
        for symptom in symptoms.rows()
        if not symptom.only_breaks
        for text in symptom.texts
        for word in words(text.text)
    }
    return Counter(word for word, _ in seen)
