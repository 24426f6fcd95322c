"""The part of docs/kubernetes.md that boots write: a table of the three verdicts, and the lines that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.kubernetes import verdicts
from tests.kubernetes.trials import Trial
from tests.kubernetes.verdicts import Verdicts

BEGIN = "## What Kubernetes itself says\n"
_FENCE = "```"
_HEAD = """
Made by `make kubernetes-real` from real boots in QEMU, and not edited by hand below this line: one image of one
profile, and copies of it with one setting removed. [trials.yaml](../tests/kubernetes/trials.yaml) predicts what each of
the three says; this part is only written when all of it holds. kubeadm is its `init phase preflight` without the errors
NumCPU and Mem; kubelet runs by itself, with the node's drop-ins and one static pod on the host's network, whose image
was made for it and loaded at the bake.
"""


def put(page: str, section: str) -> str:
    """A page with the section in the place of its own."""
    return page.partition(BEGIN)[0] + section


def section(trials: tuple[Trial, ...], seen: Mapping[str, Verdicts], facts: Mapping[str, str]) -> str:
    """The whole part. `seen` is by the name of the trial."""
    return "\n".join((BEGIN + _HEAD, *_facts(facts), *_table(trials, seen), *_lines(trials, seen)))


def _facts(facts: Mapping[str, str]) -> Iterator[str]:
    yield from (f"- {name}: `{value}`" for name, value in facts.items())
    yield ""


def _table(trials: tuple[Trial, ...], seen: Mapping[str, Verdicts]) -> Iterator[str]:
    yield "| removed | nodebake | kubeadm | kubelet | where they differ |"
    yield "|---|---|---|---|---|"
    for trial in trials:
        row = seen[trial.name]
        words = (trial.removed or "nothing", _red(row), _kubeadm(row), _kubelet(row), trial.why)
        yield f"| {' | '.join(word.replace('|', '&#124;') for word in words)} |"
    yield ""


def _red(row: Verdicts) -> str:
    return "**red**: " + ", ".join(f"`{check}`" for check in sorted(row.red)) if row.red else "green"


def _kubeadm(row: Verdicts) -> str:
    names = [line[1:].partition("]")[0] for line in row.kubeadm]
    errors = [name.removeprefix("ERROR ") for name in names if name.startswith("ERROR ")]
    warned = sorted({name.removeprefix("WARNING ") for name in names if name.startswith("WARNING ")})
    told = f"**fails**: {', '.join(errors)}" if not row.passes else "passes"
    return f"{told}; warns: {', '.join(warned)}" if warned else told


def _kubelet(row: Verdicts) -> str:
    if not any(line == "kubelet: runs" for line in row.kubelet):
        return "**does not start**"
    return "runs the pod" if any(line.startswith("pod: ") for line in row.kubelet) else "runs, **and the pod does not**"


def _lines(trials: tuple[Trial, ...], seen: Mapping[str, Verdicts]) -> Iterator[str]:
    for trial in trials:
        row = seen[trial.name]
        yield f"### {trial.name[0].upper()}{trial.name[1:]}\n"
        yield f"{_FENCE}text"
        yield from (f"nodebake: {check}: {found}" for check, found in sorted(row.red.items()))
        yield from (f"kubeadm: {line}" for line in row.kubeadm)
        yield from verdicts.quotes(trial, row)
        yield f"{_FENCE}\n"
