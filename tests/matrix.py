"""Every combination that `kubernetes` can say, from 1.28 on, and what becomes of it. `make matrix` renders them all.

`python -m tests.matrix` prints docs/matrix.md. The table is made from what profiles become, not from generator/facts.
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator import crosschecks, distro, errors, expand, formats, schema
from generator import plan as planning
from generator.facts import versions
from generator.model import Profile
from generator.settings import Context, kubernetes

SINCE = "1.28"
FAMILIES = (("ipv4",), ("ipv6",), ("ipv4", "ipv6"))
Value = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a combination: its findings, and each setting it brings with a value ("" in a list)."""

    value: Value
    refused: tuple[str, ...]
    warned: tuple[str, ...]
    brings: dict[tuple[str, str], Any]

    def where(self, **wanted: object) -> bool:
        """Whether the combination says this."""
        return all(self.value[key] == value for key, value in wanted.items())


def choices(key: str) -> list[str]:
    """What the schema takes."""
    enum: list[str] = schema.profile_schema()["properties"]["kubernetes"]["properties"][key]["enum"]
    return enum


def combinations(cni: str) -> Iterator[Value]:
    """All of one CNI: a mode or a version that is added is in it."""
    spans = (choices("proxy"), FAMILIES, choices("swap"), map(str, versions.known(SINCE)))
    for proxy, ip, swap, version in itertools.product(*spans):
        yield {"version": version, "cni": cni, "proxy": proxy, "ip": list(ip), "swap": swap}


def profile(value: Value, base: str = "debian-13") -> Profile:
    """A profile that says nothing else."""
    return Profile("node", base, {"kubernetes": value}, "0" * 64, "matrix", {})


def outcome(value: Value) -> Outcome:
    """What the presets and the cross-checks make of a combination."""
    facts = distro.load("debian-13")
    expanded = Context(expand.expand(Context(profile(value), facts)), facts)
    findings = crosschecks.find(expanded)
    return Outcome(
        value,
        refused=tuple(found.sentence for found in findings if found.severity == "error"),
        warned=tuple(found.sentence for found in findings if found.severity == "warning"),
        brings=dict(_brings(expanded)),
    )


def _brings(context: Context) -> Iterator[tuple[tuple[str, str], Any]]:
    settings = context.profile.settings
    for stem in ("modules", "packages"):
        yield from (((stem, name), "") for name in settings.get(stem, ()))
    yield from ((("sysctl", key), value) for key, value in settings["sysctl"].items())
    yield ("swap", ""), settings["swap"]
    for expect in kubernetes.part(settings["kubernetes"], context).expects:
        yield ("interfaces", expect.setting.removeprefix("kubernetes.")), int(expect.want)


@functools.cache
def of(cni: str) -> tuple[Outcome, ...]:
    """The outcomes of one CNI."""
    return tuple(map(outcome, combinations(cni)))


def everything() -> tuple[Outcome, ...]:
    """All of them."""
    return tuple(found for cni in choices("cni") for found in of(cni))


def render(value: Value, base: str) -> int:
    """Write every artefact of a combination to nowhere; returns how many bytes. Raises Refused."""
    plan = planning.make(profile(value, base))
    return sum(len(artefact.content) for form in formats.stems().values() for artefact in form.artefacts(plan))


def table() -> str:
    """docs/matrix.md."""
    told = everything()
    sentences = list(dict.fromkeys(said for found in told for said in (*found.refused, *found.warned)))
    refused = sum(bool(found.refused) for found in told)
    warned = sum(bool(found.warned and not found.refused) for found in told)
    return "\n".join(
        (
            "# Every combination of Kubernetes",
            "",
            "Made by `make matrix`, which renders them all; a test holds it.",
            "",
            f"CNI x kube-proxy x address families x swap x version, {SINCE} to {versions.newest()}: {len(told)}"
            f" combinations, of which {refused} are refused and {warned} are taken with a warning.",
            "",
            *_verdicts(told, sentences),
            "",
            *(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1)),
            "",
            "## What they bring",
            "",
            *_brought([found for found in told if not found.refused and found.where(swap="disabled")]),
            "",
        )
    )


def _verdicts(told: Sequence[Outcome], sentences: list[str]) -> Iterator[str]:
    """A row a CNI, a column a mode of kube-proxy; swap in a row of its own, for it is the same for all."""
    proxies = choices("proxy")
    yield _row("CNI", *(f"kube-proxy {proxy}" for proxy in proxies))
    yield _row(*["---"] * (len(proxies) + 1))
    for cni in choices("cni"):
        cells = ([o for o in told if o.where(cni=cni, proxy=proxy, swap="disabled")] for proxy in proxies)
        yield _row(cni, *(_cell(cell, sentences) for cell in cells))
    limited = [o for o in told if o.where(cni="none", proxy="none", swap="limited")]
    yield _row("any, with limited swap: beside that", _cell(limited, sentences), *[""] * (len(proxies) - 1))


def _cell(told: list[Outcome], sentences: list[str]) -> str:
    """taken, or from which version on what: `1.28 refused (4); 1.29 warned (5); 1.31 taken`."""
    words: dict[str, str] = {}
    for found in told:
        said = ", ".join(str(sentences.index(sentence) + 1) for sentence in (*found.refused, *found.warned))
        verdict = "refused" if found.refused else "warned" if found.warned else "taken"
        words[found.value["version"]] = f"{verdict} ({said})" if said else verdict
    runs = [next(run) for _, run in itertools.groupby(words.items(), key=lambda item: item[1])]
    return runs[0][1] if len(runs) == 1 else "; ".join(f"{version} {word}" for version, word in runs)


def _brought(taken: list[Outcome]) -> Iterator[str]:
    """What all have in common, what each has beside that, and what the address families and versions change."""
    newest = str(versions.newest())
    whole = [found for found in taken if found.where(version=newest, ip=list(FAMILIES[-1]))]
    common = frozenset.intersection(*map(_flat, whole))
    yield f"All of them, with both address families, in {newest}: {_listed(common)}"
    yield ""
    yield _row("CNI", "kube-proxy", "beside these")
    yield _row(*["---"] * 3)
    for found in whole:
        yield _row(found.value["cni"], found.value["proxy"], _listed(_flat(found) - common))
    yield ""
    for family in FAMILIES[:-1]:
        told = [found for found in taken if found.where(version=newest, ip=list(family))]
        yield f"- {family[0]} alone: without {_listed(_changed(told, whole))}"
    for version in map(str, versions.known(SINCE)):
        told = [found for found in taken if found.where(version=version, ip=list(FAMILIES[-1]))]
        if more := _changed(whole, told):
            yield f"- {version}, where {newest} does not: {_listed(more)}"


def _changed(fewer: list[Outcome], more: list[Outcome]) -> frozenset[str]:
    """What one list of combinations has nowhere that the other one has, CNI by CNI."""

    def pairs(told: list[Outcome]) -> dict[tuple[str, str], frozenset[str]]:
        return {(found.value["cni"], found.value["proxy"]): _flat(found) for found in told}

    less = pairs(fewer)
    return frozenset[str]().union(*(held - less[key] for key, held in pairs(more).items() if key in less))


def _flat(found: Outcome) -> frozenset[str]:
    words = {"modules": "module ", "packages": "package "}
    return frozenset(
        f"{words.get(stem, '')}{key}" + (f" = {value}" if value != "" else "")
        for (stem, key), value in found.brings.items()
        if key
    )


def _listed(rows: Iterable[str]) -> str:
    return ", ".join(f"`{row}`" for row in sorted(rows)) or "nothing"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Render every combination on every distribution, and print the table."""
    done = refused = 0
    for base, found in itertools.product(distro.known(), everything()):
        try:
            done += bool(render(found.value, base))
        except errors.Refused:
            refused += 1
    print(f"{done} rendered, {refused} refused, on {' and '.join(distro.known())}", file=sys.stderr)
    sys.stdout.write(table())


if __name__ == "__main__":
    main()
