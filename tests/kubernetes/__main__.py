"""Boot, judge, and write the last part of docs/kubernetes.md.

python -m tests.kubernetes WORK KUBERNETES [JOBS]   boots; KUBERNETES has the programs, what was told is kept in WORK
python -m tests.kubernetes WORK                     judges what was kept
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from generator import errors
from generator.base import cache
from tests.conftest import ROOT
from tests.kubernetes import boots, page, real, trials, verdicts

PAGE = ROOT / "docs/kubernetes.md"


def main(arguments: list[str]) -> int:
    """Exit code 1 where a prediction does not hold; then the page stays as it was."""
    work = Path(arguments[0]).resolve()
    rows = trials.load()
    if arguments[1:]:
        _keep(work, Path(arguments[1]), rows, int(arguments[2]) if arguments[2:] else 1)
    plan = real.planned(work / "profile.yaml")
    lines = {row.name: boots.told_by(row, work).read_text(encoding="utf-8").splitlines() for row in rows}
    seen = {name: verdicts.of(plan, told) for name, told in lines.items()}
    wrong = [f"{row.name}: {problem}" for row in rows for problem in verdicts.problems(row, seen[row.name])]
    sys.stderr.write("".join(f"kubernetes-real: {problem}\n" for problem in wrong))
    if wrong:
        return errors.CHECK_FAILED
    facts = dict(line.split(": ", 1) for line in ((work / "facts").read_text().splitlines()))
    facts |= dict(line.split(": ", 1) for line in seen[rows[0].name].versions)
    text = page.put(PAGE.read_text(encoding="utf-8"), page.section(rows, seen, facts))
    PAGE.write_text(text, encoding="utf-8")
    return 0


def _keep(work: Path, kubernetes: Path, rows: tuple[trials.Trial, ...], jobs: int) -> None:
    """Boot what was not told yet."""
    profile = real.profile(kubernetes, work)
    image = real.image(profile, work)
    facts = {"date": datetime.date.today().isoformat(), "image (sha256)": cache.digest(image)}
    (work / "facts").write_text("".join(f"{name}: {value}\n" for name, value in facts.items()), encoding="utf-8")
    todo = [row for row in rows if not boots.told_by(row, work).exists()]
    boots.run(image, real.planned(profile), todo, work, jobs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
