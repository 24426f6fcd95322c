"""What is known, for people at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from generator import names
from generator.explain import Topic, why
from generator.explain import features as versioned
from generator.explain.claims import Judged
from generator.explain.features import Known
from generator.explain.words import breaks, claim, proven, sourced
from generator.symptoms import Symptom
from generator.symptoms.match import Match

_WIDTH = 110
_MARGIN = 10


def setting(topic: Topic, others: Sequence[str]) -> str:
    """One row: a label in the margin and its lines beside it. `others` are the other rows of the same setting."""
    parts = (*_row(topic), *_proof(topic), ("see also", [", ".join(others)]))
    lines = [line for label, paragraphs in parts for line in _block(label, paragraphs)]
    return "\n".join([topic.name, "", *lines]) + "\n"


def _row(topic: Topic) -> Iterator[tuple[str, list[str]]]:
    """What is written of it."""
    row = topic.row
    yield "what", [row.what]
    yield "why", [row.why]
    yield "refused", [row.refused]
    yield "needs", [f"the module {topic.needs}: nodebake explain {topic.needs}"] if topic.needs else []
    yield "who", [sourced(f"{need.name}: {need.needs}", need.source) for need in row.who]
    yield "without", [breaks(row)]
    yield "seen as", [_seen(symptom, rank) for symptom, rank in topic.seen]
    yield "since", [sourced(fact.says, fact.source) for fact in row.since]
    yield "beware", [sourced(fact.says, fact.source) for fact in row.beware]


def _proof(topic: Topic) -> Iterator[tuple[str, list[str]]]:
    """What it yields, and what that says of the brief."""
    proof = topic.proof
    yield "brings", [sourced(f"{names.full(one.stem, one.key)}: {one.why}", one.source) for one in proof.brings]
    yield "checks", [f"{one.id}: {proven(one, topic.row)}" for one in proof.checks.values()]
    red = {one.id: ", ".join(sorted(one.red)) for one in proof.faults.values()}
    yield "faults", [f"{one.id}: {one.story}; turns red {red[one.id]}" for one in proof.faults.values()]
    yield "brief", [claim(one) for one in topic.row.brief]


def _seen(symptom: Symptom, rank: int) -> str:
    text = symptom.texts[0]
    by = text.when or symptom.by
    place = "" if rank == 1 else f"; of its causes this is number {rank}"
    return f"`{text.text}` ({by}{place})"


def _block(label: str, paragraphs: Iterable[str]) -> Iterator[str]:
    """Each paragraph with a hanging indent; the label stands beside the first."""
    mark = f"  {label}"
    for paragraph in filter(None, paragraphs):
        first = f"{mark:<{_MARGIN + 2}}"
        yield from textwrap.wrap(
            paragraph,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=" " * (_MARGIN + 2 + 2 * (label not in ("what", "why", "without"))),
            break_long_words=False,
            break_on_hyphens=False,
        )
        mark = ""


def feature(known: Known) -> str:
    """What came or went with a version of Kubernetes, and the settings that it concerns."""
    row = known.feature
    parts = (
        ("what", [row.what]),
        ("since", versioned.stages(row)),
        ("source", [row.source]),
        ("also", [", ".join(row.names)]),
        ("see also", [", ".join(known.rows)]),
    )
    lines = [line for label, paragraphs in parts for line in _block(label, paragraphs)]
    return "\n".join([f"{known.name}, of Kubernetes", "", *lines]) + "\n"


def symptom(matches: Sequence[Match], judged: Sequence[Judged] = ()) -> str:
    """What was found in a text and its causes, with why it was found; and what is true of what the brief says of it."""
    found = (*(line for match in matches for line in _match(match)), *_judged(judged))
    return "\n".join(found) + "\n" * bool(judged)


def _judged(judged: Sequence[Judged]) -> Iterator[str]:
    if judged:
        yield from ("what the brief says, and what is true", "")
    for one in judged:
        yield from _block("brief", [claim(one.claim)])
        yield from _block("", [f"more: nodebake explain {names.full(*one.place)}"])


def _match(match: Match) -> Iterator[str]:
    found = match.symptom
    yield f"{found.says} ({found.by})"
    yield ""
    yield from _block("it says", [match.text.text + (f" ({match.text.when})" if match.text.when else "")])
    yield from _block("matched", [_matched(match)])
    yield from _block("tell", [found.tell])
    yield from _block("source", [found.source])
    yield ""
    for rank, cause in enumerate(found.causes, 1):
        name = names.full(*cause.row)
        yield from _block(f"{rank}.", [f"{name}: {cause.because}"])
        yield from _block("", [f"look: {cause.look}", f"why: {why(cause)}", f"more: nodebake explain {name}"])
        yield ""


def _matched(match: Match) -> str:
    where = f"line {match.line}" if match.count == 1 else f"line {match.line} and {match.count - 1} more"
    return f"{where}, {match.score:.0%} of the words: {' '.join(match.shared)}"


def index(topics: Sequence[Topic], features: Sequence[Known], symptoms: Sequence[Symptom]) -> str:
    """The names of everything, with what it is; what came and went; then what people see."""
    width = max(len(topic.name) for topic in topics)
    lines = ["What a profile can say, and what a node must have:"]
    for _, group in groupby(topics, key=lambda topic: topic.place[0]):
        lines += ["", *(f"  {one.name:<{width}}  {_short(one.row.what or one.row.why)}" for one in group)]
    lines += ["", "What came and went with a version of Kubernetes:", ""]
    lines += [f"  {one.name:<{width}}  {_short(one.feature.what)}" for one in features]
    lines += ["", "What people see:", ""]
    lines += [f"  {one.says} ({one.by})" for one in symptoms if "." not in one.id]
    lines += ["", "nodebake explain NAME; nodebake explain 'a line of a log'; journalctl -b | nodebake explain -"]
    return "\n".join(lines) + "\n"


def _short(text: str) -> str:
    return textwrap.shorten(text, 80, placeholder=" ...")
