"""docs/kubernetes.md is of the trials that there are, each with what it predicts: no row was added or left out."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.kubernetes import page, trials
from tests.kubernetes.trials import Trial

ROWS = trials.load()
HEADINGS = 2  # lines


def _table() -> list[list[str]]:
    """The cells of every row."""
    part = (ROOT / "docs/kubernetes.md").read_text(encoding="utf-8").partition(page.BEGIN)[2]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split(" | ")] for line in (one.strip("|") for one in lines[HEADINGS:])]


def test_every_trial_has_its_row() -> None:
    assert [row[0] for row in _table()] == [trial.removed.replace("|", "&#124;") or "nothing" for trial in ROWS]


@pytest.mark.parametrize("trial", ROWS, ids=lambda trial: trial.name)
def test_the_row_has_the_verdicts_that_are_predicted(trial: Trial) -> None:
    _, nodebake, kubeadm, _, why = _table()[ROWS.index(trial)]
    red = ", ".join(f"`{check}`" for check in sorted(trial.red))
    assert nodebake == (f"**red**: {red}" if red else "green")
    assert kubeadm.startswith("**fails**: ") == bool(trial.kubeadm)
    assert why == trial.why.replace("|", "&#124;")
