"""What is answered to a name, or to a line of a log, in each format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from generator import errors, explain, names, reasons, symptoms
from generator.errors import NodebakeError
from generator.explain import claims, page, record, text, words
from generator.reasons import Place
from generator.symptoms import Symptom
from generator.symptoms.match import match

_LONGEST = 1024  # characters of a name, and of what people paste with it


@dataclass(frozen=True, slots=True)
class Answer:
    """What to print, and what to complain of after that."""

    text: str
    error: NodebakeError | None = None


def answer(asked: str, form: str) -> Answer:
    """A name is looked up, all else is looked for among the symptoms and the brief's claims.

    `form` is text, json or markdown.
    """
    is_name = len(asked) <= _LONGEST and len(asked.split()) == 1
    if len(asked) <= _LONGEST and (place := explain.find(asked)):
        return Answer(_setting(place, form))
    matches, judged = match(asked), claims.judged(asked)
    if matches or judged:
        return Answer(text.symptom(matches, judged) if form != "json" else _json(record.symptom(matches, judged)))
    if is_name:
        guesses = explain.guesses(asked)
        spoken = explain.mentioning(asked)
        said = words.not_explained(explain.bare(asked), guesses, spoken, explain.is_parameter(asked))
        unknown = {"kind": "unknown", "name": explain.bare(asked), "guesses": guesses, "mentioned_by": spoken}
        return _nothing(unknown, form, errors.usage(*said))
    named = explain.named_in(asked)
    return _nothing({**record.symptom(()), "named": named}, form, errors.CheckFailed(*words.no_symptom(named)))


def everything(form: str) -> str:
    """All that can be explained: its names, or the whole page."""
    topics, seen = explain.topics(), _symptoms()
    if form == "markdown":
        return page.page(topics, seen)
    return _json(record.index(topics, seen)) if form == "json" else text.index(topics, seen)


def _setting(place: Place, form: str) -> str:
    topic = explain.topic(place)
    if form == "markdown":
        return "\n".join(page.section(topic))
    if form == "json":
        return _json(record.setting(topic))
    others = [names.full(*other) for other in reasons.rows() if other[0] == place[0] and other != place]
    return text.setting(topic, others if len(others) < 10 else ())


def _symptoms() -> list[Symptom]:
    """Those that a person wrote; of those that stand for each module, the one that names none."""
    return [one for one in symptoms.rows() if not one.only_breaks]


def _nothing(found: dict[str, Any], form: str, error: NodebakeError) -> Answer:
    return Answer(_json(found) if form == "json" else "", error)


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
