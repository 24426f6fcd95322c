"""What a boot told of one trial, as each of the three says it, beside what trials.yaml predicts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import checks, judge, observation
from generator.formats import observer
from generator.model import Plan
from tests.kubernetes.trials import Trial
from tests.zoo import told as zoo

_LINE = re.compile(r"^\t?\[(ERROR|WARNING) .*$", re.M)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of nodebake what is red, by the name of the check; kubeadm's lines; kubelet's, and its log; the versions."""

    red: Mapping[str, str]
    kubeadm: tuple[str, ...]
    passes: bool
    kubelet: tuple[str, ...]
    log: tuple[str, ...]
    versions: tuple[str, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(line for line in self.kubeadm if line.startswith("[ERROR "))


def of(plan: Plan, lines: Sequence[str]) -> Verdicts:
    """From the lines of a boot."""
    told = zoo.sections(list(lines))
    boot = observation.read(told["observations"], observer.commands(plan))
    found = judge.boots(plan, [boot])
    (expect,) = (expect for expect in plan.expects if expect.kind == "kubeadm-preflight")
    asked = boot.observations.get(checks.command(expect)) if boot else None
    said = asked.out.decode("utf-8", "replace") if asked else ""
    return Verdicts(
        red={verdict.expect.id: verdict.found for verdict in found if verdict.red},
        kubeadm=tuple(match[0].strip() for match in _LINE.finditer(said)),
        passes=asked is not None and asked.code == 0,
        kubelet=tuple(told["kubelet"]),
        log=tuple(told["log"]),
        versions=tuple(told["versions"]),
    )


def problems(trial: Trial, seen: Verdicts) -> Iterator[str]:
    """Where a prediction does not hold."""
    yield from _of_nodebake_and_kubeadm(trial, seen)
    lines = (*seen.kubelet, *seen.log)
    for pattern in trial.kubelet:
        if not any(re.search(pattern, line) for line in lines):
            yield f"kubelet: nothing like {pattern}"
    for pattern in trial.never:
        if line := next((line for line in seen.kubelet if re.search(pattern, line)), ""):
            yield f"kubelet: must not have {pattern}, and has: {line}"


def _of_nodebake_and_kubeadm(trial: Trial, seen: Verdicts) -> Iterator[str]:
    for check in sorted(trial.red ^ seen.red.keys()):
        yield f"nodebake: {check} is {'red: ' + seen.red[check] if check in seen.red else 'not red'}"
    for pattern in trial.kubeadm:
        if not any(re.search(pattern, line) for line in seen.errors):
            yield f"kubeadm: no error like {pattern}"
    if seen.passes == bool(trial.kubeadm):
        yield f"kubeadm: preflight {'passes' if seen.passes else 'fails: ' + '; '.join(seen.errors)}"


def quotes(trial: Trial, seen: Verdicts) -> list[str]:
    """Of kubelet the first line for each pattern; of its log without what differs from boot to boot."""
    rows = (
        next((line for line in (*seen.kubelet, *seen.log) if re.search(pattern, line)), "") for pattern in trial.kubelet
    )
    return [_short(line) for line in dict.fromkeys(filter(None, rows))]


def _short(line: str) -> str:
    """A line of klog without its time and process: E1126 21:00:00.000000     123 file.go:1] ... as file.go:1] ..."""
    return re.sub(r"^([IWEF])\d{4} [\d:.]+ +\d+ ", r"\1 ", line)
