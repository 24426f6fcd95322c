"""What is answered to a name, or to a line of a log, in each format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from generator import errors, explain, names, reasons, symptoms
from generator.errors import NodebakeError
from generator.explain import claims, features, page, record, text, words
from generator.explain.features import Known
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
    if len(asked) <= _LONGEST and (named := _named(asked, form)):
        return Answer(named)
    matches, judged = match(asked), claims.judged(asked)
    if matches or judged:
        return Answer(text.symptom(matches, judged) if form != "json" else _json(record.symptom(matches, judged)))
    if len(asked) <= _LONGEST and len(asked.split()) == 1:
        return _unknown(asked, form)
    named_in = explain.named_in(asked)
    found = {**record.symptom(()), "named": named_in}
    return _nothing(found, form, errors.CheckFailed(*words.no_symptom(named_in)))


def _named(asked: str, form: str) -> str:
    """What has this name: a row, or what came or went with a version of Kubernetes; "" for nothing."""
    if place := explain.find(asked):
        return _setting(place, form)
    known = features.find(explain.bare(asked) or asked)
    return _feature(known, form) if known else ""


def _unknown(asked: str, form: str) -> Answer:
    name, guesses, spoken = explain.bare(asked), explain.guesses(asked), explain.mentioning(asked)
    said = words.not_explained(name, guesses, spoken, explain.is_parameter(asked))
    unknown = {"kind": "unknown", "name": name, "guesses": guesses, "mentioned_by": spoken}
    return _nothing(unknown, form, errors.usage(*said))


def everything(form: str) -> str:
    """All that can be explained: its names, or the whole page."""
    topics, known, seen = explain.topics(), features.everything(), _symptoms()
    if form == "markdown":
        return page.page(topics, known, seen)
    return _json(record.index(topics, known, seen)) if form == "json" else text.index(topics, known, seen)


def _setting(place: Place, form: str) -> str:
    topic = explain.topic(place)
    if form == "markdown":
        return "\n".join(page.section(topic))
    if form == "json":
        return _json(record.setting(topic))
    others = [names.full(*other) for other in reasons.rows() if other[0] == place[0] and other != place]
    return text.setting(topic, others if len(others) < 10 else ())


def _feature(known: Known, form: str) -> str:
    if form == "json":
        return _json(record.feature(known))
    return text.feature(known) if form == "text" else "\n".join(page.features([known]))


def _symptoms() -> list[Symptom]:
    """Those that a person wrote; of those that stand for each module, the one that names none."""
    return [one for one in symptoms.rows() if not one.only_breaks]


def _nothing(found: dict[str, Any], form: str, error: NodebakeError) -> Answer:
    return Answer(_json(found) if form == "json" else "", error)


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
