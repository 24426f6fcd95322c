"""docs/settings.md: everything that is known, for people in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from generator import names
from generator.explain import Topic
from generator.explain import features as versioned
from generator.explain.features import Known
from generator.explain.words import breaks, proven, sourced, verdict
from generator.symptoms import Symptom

_HEAD = """# What a node needs, and why

<!-- Made by `make docs` from generator/reasons, generator/symptoms and generator/facts/versions.yaml. Edit those. -->

Every value that a profile can put on a node, who needs it, what breaks without it, and what people see then; the checks
that prove it and the faults that turn them red are taken from what the setting yields. On a terminal:
`nodebake explain net.ipv4.ip_forward`, or `nodebake explain "a line of a log"`. "measured" is what was tried for this
page, in the environment that is named; other sources are where it was read.
"""


def page(topics: Sequence[Topic], known: Sequence[Known], symptoms: Sequence[Symptom]) -> str:
    """The whole page."""
    lines = [_HEAD, *_contents(topics)]
    for stem, group in groupby(topics, key=lambda topic: topic.place[0]):
        lines += [f"## {stem}", ""]
        lines += [line for topic in group for line in section(topic)]
    lines += features(known)
    lines += _symptoms(symptoms)
    lines += _claims(topics)
    return "\n".join(lines).rstrip() + "\n"


def _contents(topics: Sequence[Topic]) -> Iterator[str]:
    yield "## Contents"
    yield ""
    for stem, group in groupby(topics, key=lambda topic: topic.place[0]):
        yield f"- **{stem}**: " + ", ".join(f"[{_label(topic)}](#{topic.name})" for topic in group)
    yield "- [What came and went with a version of Kubernetes](#versions)"
    yield "- [What people see](#symptoms)"
    yield "- [The brief's claims](#claims)"
    yield ""


def _label(topic: Topic) -> str:
    return f"`{topic.place[1]}`" if topic.place[1] else "as such"


def section(topic: Topic) -> Iterator[str]:
    """One row."""
    row, proof = topic.row, topic.proof
    yield from (f'### <a id="{topic.name}"></a>`{topic.name}`', "")
    if row.what:
        yield from (f"{_md(row.what[0].upper() + row.what[1:])}.", "")
    yield f"- **Why**: {_md(row.why)}"
    yield from _list("Refused", [row.refused] if row.refused else [])
    yield from _list(
        "Needs", [f"the module {_link(names.full('modules', topic.needs))}"] if topic.needs else [], raw=True
    )
    yield from _list("Who", [sourced(f"{need.name}: {need.needs}", need.source) for need in row.who])
    yield f"- **Without it**: {_md(breaks(row))}"
    yield from _list("Seen as", [_seen(symptom, rank) for symptom, rank in topic.seen], raw=True)
    yield from _list("Since", [sourced(fact.says, fact.source) for fact in row.since])
    yield from _list("Beware", [sourced(fact.says, fact.source) for fact in row.beware])
    yield from _list("Checks", [f"`{one.id}`: {_md(proven(one, row))}" for one in proof.checks.values()], raw=True)
    yield from _list("Faults", [f"`{one.id}`: {_md(one.story)}" for one in proof.faults.values()], raw=True)
    yield ""


def _list(label: str, items: Sequence[str], raw: bool = False) -> Iterator[str]:
    said = items if raw else [_md(item) for item in items]
    if len(said) == 1:
        yield f"- **{label}**: {said[0]}"
    elif said:
        yield f"- **{label}**:"
        yield from (f"  - {item}" for item in said)


def _seen(symptom: Symptom, rank: int) -> str:
    by = symptom.texts[0].when or symptom.by
    return f"{_code(symptom.texts[0].text)} ({_md(by)})" + ("" if rank == 1 else f", as its cause number {rank}")


def features(known: Sequence[Known]) -> Iterator[str]:
    """What came and went with a version of Kubernetes, as facts/versions.yaml has it."""
    yield from (
        '## <a id="versions"></a>What came and went with a version of Kubernetes',
        "",
        "| what | since which version | settings | source |",
        "|---|---|---|---|",
    )
    for one in known:
        stages = "<br>".join(versioned.stages(one.feature))
        rows = ", ".join(map(_link, one.rows))
        yield f"| `{one.name}`: {_cell(_md(one.feature.what))} | {stages} | {rows} | {_cell(_md(one.feature.source))} |"
    yield ""


def _symptoms(symptoms: Sequence[Symptom]) -> Iterator[str]:
    yield from (
        '## <a id="symptoms"></a>What people see',
        "",
        "| what it says | by | likely causes, the likeliest first |",
    )
    yield "|---|---|---|"
    for one in symptoms:
        if not one.must:
            says = "<br>".join(
                _cell(_code(text.text)) + (f" ({_cell(_md(text.when))})" if text.when else "") for text in one.texts
            )
            causes = "<br>".join(
                f"{_link(names.full(*cause.row))}: {_cell(_md(cause.because))}" for cause in one.causes
            )
            yield f"| {says} | {_cell(_md(one.by))} | {causes} |"
    yield ""


def _claims(topics: Sequence[Topic]) -> Iterator[str]:
    """Each sentence of the brief, in the order of its sections."""
    rows = [(claim, topic) for topic in topics for claim in topic.row.brief]
    yield from ('## <a id="claims"></a>The brief\'s claims', "")
    yield "nodebake began with a brief, *Why Kubernetes Needs These Kernel Settings*. Each of its claims, judged."
    for part in dict.fromkeys(claim.section for claim, _ in rows):
        yield from (
            "",
            f"### {part}",
            "",
            "| the brief says | verdict | what is true | setting | checks |",
            "|---|---|---|---|---|",
        )
        for claim, topic in rows:
            if claim.section == part:
                checks = "<br>".join(f"`{name}`" for name in topic.checks_of(claim))
                truth = _cell(_md(sourced(claim.truth, claim.source)))
                yield f"| {_cell(_md(claim.says))} | {verdict(claim)} | {truth} | {_link(topic.name)} | {checks} |"
    yield ""


def _link(name: str) -> str:
    return f"[`{name}`](#{name})"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _md(text: str) -> str:
    """Text that Markdown shows as it is; what stands between backticks stays code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*<\[\]])", r"\\\1", part) for part in parts)
