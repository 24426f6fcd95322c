"""Boot, judge, and print docs/proof.md.

python -m tests.proof WORK KUBERNETES   boots; what was told is kept in WORK; KUBERNETES has kubelet and kubeadm
python -m tests.proof WORK              judges what was kept
"""

from __future__ import annotations

import datetime
import sys
import tempfile
from pathlib import Path

from generator import errors
from generator.base import cache
from tests.proof import boots, claims, judge, page
from tests.zoo import told

_KEPT = "told.txt"


def main(arguments: list[str]) -> int:
    """Exit code 1 where a prediction does not hold; then no page is printed."""
    kept = Path(arguments[0]) / _KEPT
    if arguments[1:]:
        _keep(kept, Path(arguments[1]))
    heard = told.sections(kept.read_text(encoding="utf-8").splitlines())
    table = claims.load()
    wrong = judge.problems(table.claims, heard)
    sys.stderr.write("".join(f"proof: {problem}\n" for problem in wrong))
    if wrong:
        return errors.CHECK_FAILED
    sys.stdout.write(page.text(table, page.record(table.claims, heard)))
    return 0


def _keep(kept: Path, kubernetes: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as work:
        lines = boots.told_by(kubernetes, Path(work))
    kept.write_text("\n".join((*_facts(kubernetes), *lines)) + "\n", encoding="utf-8")


def _facts(kubernetes: Path) -> list[str]:
    """What this machine knows of what was booted."""
    sums = {f"{name} (sha256)": cache.digest(kubernetes / name) for name in ("kubelet", "kubeadm")}
    rows = {"date": datetime.date.today().isoformat(), "base (sha256)": boots.image().sha256, **sums}
    return [f"== {page.FACTS}", *(f"{name}: {value}" for name, value in rows.items())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
