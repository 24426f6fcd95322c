"""Every expectation, probe and fault that there is, by name, in files that are reviewed: what is deleted is missed.

`python -m tests.inventory` writes them anew. The profiles are those that ship, and some here that use every setting in
every shape that yields something else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator import checks, clones, data, distro, profile
from generator import plan as planning
from generator.clones import left
from generator.model import Plan
from generator.settings import hygiene

HERE = Path(__file__).parent
PROFILES = {
    path.stem: path for folder in (HERE.parents[1] / "profiles", HERE) for path in sorted(folder.glob("*.yaml"))
}
CASES = [(name, base) for name in PROFILES for base in distro.known()]
KINDS = HERE / "kinds.txt"
CLONES = HERE / "clones.txt"
# Where no row of hygiene's list says which: `clones`, the names of checks, or `why` there is none.
BOOTED = data.rows(Path(hygiene.__file__).parent / "booted.yaml")


def made(name: str, base: str) -> Plan:
    """The plan of a profile on a distribution, whichever it names itself."""
    return planning.make(dataclasses.replace(profile.load(str(PROFILES[name])), base=base))


def file(name: str, base: str) -> Path:
    """Where its lines are kept: in a file of this distribution's own where there is one."""
    own = HERE / f"{name}.{base}.txt"
    return own if own.exists() else HERE / f"{name}.txt"


def write() -> None:
    """All files: what is the same on every distribution once, by the default one."""
    for old in HERE.glob("*.txt"):
        old.unlink()
    for name in PROFILES:
        common = text(lines(made(name, distro.DEFAULT)))
        (HERE / f"{name}.txt").write_text(common, encoding="utf-8")
        for base in distro.known():
            if (own := text(lines(made(name, base)))) != common:
                (HERE / f"{name}.{base}.txt").write_text(own, encoding="utf-8")
    KINDS.write_text(text(kinds()), encoding="utf-8")
    CLONES.write_text(text(of_clones()), encoding="utf-8")


def lines(plan: Plan) -> Iterator[str]:
    """A line for each: its name, and how it is observed, or what it turns red."""
    for expect in plan.expects:
        yield f"{'probe' if checks.is_probe(expect) else 'check'} {expect.id}: {expect.kind}"
    for fault in plan.faults:
        yield f"fault {fault.id}: {', '.join(sorted(fault.red))}"


def kinds() -> Iterator[str]:
    """A line for each kind of check."""
    for kind, check in sorted(checks.KINDS.items()):
        yield f"{kind}: {'acts on the node' if check.probe else 'looks'}"


def of_clones() -> Iterator[str]:
    """A line for each thing that no image may hold: the checks that look for it in booted clones, or why none does."""
    plan = made("rich", distro.DEFAULT)
    known = {expect.id: expect.kind for expect in (*clones.expects(plan), *left.alone(plan))}
    for key in dict.fromkeys(one.id.removeprefix("hygiene.") for one in plan.expects if checks.seen_by("image", [one])):
        row = BOOTED.get(key, {"clones": [key, f"{key}{left.FIRST}"]})
        found = [
            f"clones.{name}: {known[f'clones.{name}']}" for name in row.get("clones", ()) if f"clones.{name}" in known
        ]
        yield f"{key}: {', '.join(found) or row.get('why', 'NOTHING LOOKS')}"


def text(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def differences(rows: Iterable[str], kept: Path) -> list[str]:
    """What a file has and we lack, as -LINE, and what it lacks, as +LINE."""
    now, before = list(rows), kept.read_text(encoding="utf-8").splitlines()
    return [f"-{row}" for row in before if row not in now] + [f"+{row}" for row in now if row not in before]
