"""A pasted text -> the symptoms in it. Simple on purpose: words in their order, each by how rare it is.

Of a line, the words that a symptom's text has too are counted in their order (the heaviest common subsequence), each by
its weight, ln(1 + symptoms / symptoms that have the word). It is that symptom if they are most of its text; or, of a
text that is only a piece of a line, if they are most of what was pasted. difflib's ratio was left: it asks that what
stands around the symptom match too, and a journal's line is mostly that.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator.symptoms import Symptom, Text
from generator.symptoms.patterns import Pattern, candidates, is_anything, weight, weight_of
from generator.symptoms.words import begins, words

WHOLE = 0.75  # of a symptom's text, found in a line
BROKEN = 0.9  # the same, found in two lines together
PART = 0.85  # of what was pasted, found in a symptom's text
ENOUGH = 3  # words, at least, of a piece
PIECE = 0.12  # of a symptom's text, that a piece must be
MANY = 4  # causes, at most: a piece that leads to more leads nowhere
_LONG = 400  # words of a line that are looked at
_WIDE = 8192  # characters of a line that are looked at
_SHORT = 12  # lines, at most, of a text that may be one line which a terminal broke

Words = tuple[str, ...]
Hit = tuple[Pattern, float, Words]  # score, and the words that were shared


@dataclass(frozen=True, slots=True)
class Match:
    """A symptom, its text that fitted best, on which line first (from 1), on how many, and why.

    `score` is how much of the words, by weight, was found: of the symptom's text, or of what was pasted.
    """

    symptom: Symptom
    text: Text
    score: float
    line: int
    count: int
    shared: Words


def match(pasted: str) -> tuple[Match, ...]:
    """Every symptom in a text, the surest first. Empty where none is known."""
    raw = [line[:_WIDE] for line in pasted.splitlines()]
    lines = [words(line)[:_LONG] for line in raw]
    found = list(_by_lines(lines, [begins(line) for line in raw]))
    if len(lines) <= _SHORT and all(one.symptom.only_breaks for one in found):
        joined = tuple(itertools.chain.from_iterable(lines))[:_LONG]
        whole = [hit for hit in _whole(joined) if not hit[0].symptom.only_breaks]
        found += [_at(1, hit) for hit in whole or _part(joined)]
    return tuple(_without_echoes(_counted(found)))


def _by_lines(lines: Sequence[Words], begun: Sequence[bool]) -> Iterator[Match]:
    """Each line by itself; with the next one where neither says anything alone and a terminal may have broken it."""
    for index, line in enumerate(lines):
        found = _whole(line)
        if not found and index + 1 < len(lines) and not begun[index + 1] and not _whole(lines[index + 1]):
            found = tuple(hit for hit in _whole((*line, *lines[index + 1])) if hit[1] >= BROKEN)
        yield from (_at(index + 1, hit) for hit in found)


def _at(line: int, hit: Hit) -> Match:
    pattern, score, shared = hit
    return Match(pattern.symptom, pattern.text, score, line, 1, shared)


@functools.lru_cache(maxsize=4096)
def _whole(line: Words) -> tuple[Hit, ...]:
    """The symptoms whose text a line has, but for those that another explains better."""
    found = [
        (pattern, common / pattern.weight, shared)
        for pattern in candidates(frozenset(line), WHOLE)
        for common, shared in [_common(pattern.words, line)]
        if common >= WHOLE * pattern.weight
    ]
    return tuple(_most(found))


def _part(pasted: Words) -> tuple[Hit, ...]:
    """The symptoms whose text has what was pasted."""
    if len(set(pasted)) < ENOUGH or is_anything(pasted):
        return ()
    total = weight(pasted)
    found = [
        (pattern, common / total, shared)
        for pattern in candidates(frozenset(pasted), PIECE)
        for common, shared in [together(pattern.words, pasted)]
        if common >= max(PART * total, PIECE * pattern.weight) and not pattern.symptom.only_breaks
    ]
    hits = tuple(_most(found))
    return hits if len({pattern.symptom.causes[0].row for pattern, _, _ in hits}) <= MANY else ()


def _most(found: Sequence[Hit]) -> Iterator[Hit]:
    """Those that explain the most of a line: a long text that fits says more than a short one that fits as well."""
    most = max((weight(shared) for _, _, shared in found), default=0.0)
    yield from (hit for hit in found if weight(hit[2]) >= 0.95 * most)


def together(pattern: Words, piece: Words) -> tuple[float, Words]:
    """The same as `_common`, of words that stand together in the pattern: a piece was cut out, not picked."""
    width = len(piece) + 1
    starts = range(max(1, len(pattern) - width + 1))
    return max((_common(pattern[start : start + width], piece) for start in starts), key=lambda found: found[0])


def _common(pattern: Words, line: Words) -> tuple[float, Words]:
    """The heaviest common subsequence: its weight, and its words."""
    row: list[tuple[float, Words]] = [(0.0, ())] * (len(line) + 1)
    for word in pattern:
        one, above = weight_of(word), row
        row = [(0.0, ())]
        for column, other in enumerate(line):
            taken = (above[column][0] + one, (*above[column][1], word)) if other == word else (0.0, ())
            row.append(max(taken, above[column + 1], row[column], key=lambda cell: cell[0]))
    return row[-1]


def _counted(found: Iterable[Match]) -> list[Match]:
    """One for each symptom: its best text, its first line, and on how many lines it was."""
    best: dict[str, Match] = {}
    lines: dict[str, set[int]] = {}
    for one in found:
        known = best.setdefault(one.symptom.id, one)
        lines.setdefault(one.symptom.id, set()).add(one.line)
        if one.score > known.score:
            best[one.symptom.id] = one
    told = [
        Match(one.symptom, one.text, one.score, min(lines[name]), len(lines[name]), one.shared)
        for name, one in best.items()
    ]
    return sorted(told, key=lambda one: (one.symptom.only_breaks, -one.score, one.line))


def _without_echoes(found: Iterable[Match]) -> Iterator[Match]:
    """What a row says `breaks` is not told beside a symptom of the same line, nor one first cause twice."""
    lines: set[int] = set()
    causes: set[tuple[int, tuple[str, str]]] = set()
    for one in found:
        cause = (one.line, one.symptom.causes[0].row)
        if cause not in causes and not (one.symptom.only_breaks and one.line in lines):
            yield one
        lines.add(one.line)
        causes.add(cause)
