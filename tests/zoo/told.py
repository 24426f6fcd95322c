"""Scripts that a guest runs and that mark what they tell, and how it is read."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from generator import judge, observation, profile
from generator import plan as planning
from generator.formats import bootstrap, observer
from generator.model import Plan, Verdict

RUNS = {"dry run": "would change", "first run": "changed", "second run": "nothing to change"}
WAIT = "if [ -e /run/cloud-init/enabled ]; then cloud-init status --wait >/dev/null; fi\n"
_MARK = "== "
_OPTIONS = {"dry run": "--dry-run"}

Told = Mapping[str, list[str]]


def planned(settings: str, work: Path) -> Plan:
    """The plan of a profile with these settings."""
    path = work / "profile.yaml"
    path.write_text(f"apiVersion: nodebake/v1\nname: zoo\n{settings}", encoding="utf-8")
    return planning.make(profile.load(str(path)))


def section(name: str, command: str) -> str:
    return f"echo '{_MARK}{name}'\n{command}\n"


def sections(lines: list[str]) -> Told:
    """What was printed, by the names of its sections."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith(_MARK):
            found[line.removeprefix(_MARK)] = current = []
        elif found:
            current.append(line)
    return found


def bootstrapped(plan: Plan, runs: tuple[str, ...] = tuple(RUNS)) -> str:
    """bootstrap.sh, with --dry-run, and twice."""
    encoded = base64.encodebytes(bootstrap.artefacts(plan)[0].content).decode()
    ran = (section(run, f"sh /run/bootstrap.sh {_OPTIONS.get(run, '')} 2>&1 || echo exit code $?") for run in runs)
    return f"base64 -d >/run/bootstrap.sh <<'END'\n{encoded}END\n{''.join(ran)}"


def runs_wrong(told: Told) -> list[str]:
    """What did not end as it must; and a dry run that foretold something else."""
    wrong = [
        f"{run}: {told[run][-3:]}" for run, words in RUNS.items() if not told[run][-1].startswith(f"nodebake: {words}")
    ]
    dry, first = (told[run][-1].rpartition("change")[2].lstrip("d") for run in ("dry run", "first run"))
    return wrong if wrong or dry == first else [f"the dry run foretold{dry}, and it was{first}"]


def observed(plan: Plan) -> str:
    """With the probes."""
    return section("observations", f"(\nset -- --probes\n{observer.artefacts(plan)[0].content.decode()})")


def verdicts(plan: Plan, told: Told) -> tuple[Verdict, ...]:
    """The host's verdicts on what observe.sh printed."""
    return judge.boots(plan, [observation.read(told["observations"], observer.commands(plan))])
