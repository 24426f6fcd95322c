"""A sentence of the brief, as people paste it -> what is true of it, whatever symptom it is besides."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from generator import reasons
from generator.reasons import Claim, Place
from generator.symptoms.match import ENOUGH, PART, WHOLE, Words, together
from generator.symptoms.patterns import is_anything, weight
from generator.symptoms.words import words

_LONG = 80  # words: whoever pastes more pastes a log, and not a sentence
_MOST = 3  # claims that are told
_AS_GOOD = 0.95  # of the words of the claim that fits best


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim of the brief, the row that judges it, and how much of the words, by weight, was found."""

    claim: Claim
    place: Place
    score: float


def judged(pasted: str) -> tuple[Judged, ...]:
    """The claims that a text is, or that it was cut out of, the best first."""
    said = words(pasted) if len(pasted) < _LONG * 20 else ()
    if len(set(said)) < ENOUGH or len(said) > _LONG or is_anything(said):
        return ()
    found = [one for claim, place, have in _claims() if (one := _fits(claim, place, have, said))]
    most = max((shared for _, shared in found), default=0.0)
    return tuple(one for one, shared in found if shared >= _AS_GOOD * most)[:_MOST]


def _fits(claim: Claim, place: Place, have: Words, said: Words) -> tuple[Judged, float] | None:
    """The text has most of the claim, in one place, or was cut out of it."""
    whole, piece = together(said, have)[0], together(have, said)[0]
    if whole >= WHOLE * weight(have):
        return Judged(claim, place, whole / weight(have)), whole
    if len(set(said)) > ENOUGH and piece >= PART * weight(said):
        return Judged(claim, place, piece / weight(said)), piece
    return None


@functools.cache
def _claims() -> tuple[tuple[Claim, Place, Words], ...]:
    """Every claim with its words, but for those of fewer than a symptom's text may have."""
    rows = ((claim, place, words(claim.says)) for place, row in reasons.rows().items() for claim in row.brief)
    return tuple((claim, place, have) for claim, place, have in rows if len(set(have)) >= ENOUGH)
