"""What is known, as data for programs. The keys are a contract."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from generator import names
from generator.explain import Topic, why
from generator.explain.claims import Judged
from generator.explain.features import Known
from generator.symptoms import Cause, Symptom
from generator.symptoms.match import Match


def setting(topic: Topic) -> dict[str, Any]:
    """One row, with the checks and faults that belong to it."""
    row = dataclasses.asdict(topic.row)
    lists = {key: list(row.pop(key)) for key in ("who", "since", "beware", "brief")}
    return {
        "kind": "setting",
        "name": topic.name,
        "setting": topic.place[0],
        "key": topic.place[1],
        **{key: row[key] for key in ("what", "why", "breaks", "refused")},
        "needs": topic.needs,
        **lists,
        "symptoms": [_seen(symptom, rank) for symptom, rank in topic.seen],
        "checks": [{"check": one.id, "kind": one.kind, "want": one.want} for one in topic.proof.checks.values()],
        "faults": [
            {"fault": one.id, "story": one.story, "red": sorted(one.red)} for one in topic.proof.faults.values()
        ],
        "brings": [dataclasses.asdict(one) for one in topic.proof.brings],
    }


def _seen(symptom: Symptom, rank: int) -> dict[str, Any]:
    texts = [{"text": text.text, "when": text.when} for text in symptom.texts]
    return {"symptom": symptom.id, "says": symptom.says, "by": symptom.by, "rank": rank, "texts": texts}


def symptom(matches: Sequence[Match], judged: Sequence[Judged] = ()) -> dict[str, Any]:
    """What was found in a text, the surest first; empty where nothing is known. `judged` are claims of the brief."""
    return {
        "kind": "symptom",
        "matches": [_match(match) for match in matches],
        "claims": [_judged(one) for one in judged],
    }


def _judged(one: Judged) -> dict[str, Any]:
    return {"name": names.full(*one.place), **dataclasses.asdict(one.claim), "score": round(one.score, 3)}


def _match(match: Match) -> dict[str, Any]:
    found = match.symptom
    return {
        "symptom": found.id,
        "says": found.says,
        "by": found.by,
        "text": match.text.text,
        "when": match.text.when,
        "score": round(match.score, 3),
        "line": match.line,
        "lines": match.count,
        "shared": list(match.shared),
        "source": found.source,
        "tell": found.tell,
        "causes": [_cause(rank, cause) for rank, cause in enumerate(found.causes, 1)],
    }


def _cause(rank: int, cause: Cause) -> dict[str, Any]:
    name = names.full(*cause.row)
    return {"rank": rank, "name": name, "because": cause.because, "look": cause.look, "why": why(cause)}


def feature(known: Known) -> dict[str, Any]:
    """What came or went with a version of Kubernetes."""
    row = known.feature
    return {
        "kind": "feature",
        "name": known.name,
        "names": list(row.names),
        "what": row.what,
        "stages": [{"since": str(since), "stage": stage} for since, stage in row.stages],
        "source": row.source,
        "settings": list(known.rows),
    }


def index(topics: Sequence[Topic], features: Sequence[Known], symptoms: Sequence[Symptom]) -> dict[str, Any]:
    """All that can be explained."""
    return {
        "kind": "index",
        "settings": [{"name": topic.name, "what": topic.row.what or topic.row.why} for topic in topics],
        "features": [{"name": one.name, "what": one.feature.what} for one in features],
        "symptoms": [
            {"symptom": one.id, "says": one.says, "by": one.by, "texts": [text.text for text in one.texts]}
            for one in symptoms
        ],
    }
