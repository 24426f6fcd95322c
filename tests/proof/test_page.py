"""docs/proof.md is what claims.yaml says, with lines that boots told, which still are what it predicts."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.proof import claims, judge, page

PAGE = (ROOT / "docs/proof.md").read_text(encoding="utf-8")
TABLE, SEEN = claims.load(), page.read(PAGE)


def test_the_page_is_current() -> None:
    assert page.text(TABLE, SEEN) == PAGE, "run: make proof"


def test_its_lines_are_those_that_are_predicted() -> None:
    """A pattern that was changed since is found in what was told, or the boots must be made again."""
    for claim in TABLE.claims:
        for side, lines in zip(claim.sides, SEEN.quotes[claim.says], strict=True):
            told = {side.look: list(lines)}
            assert judge.quotes(side, told) == list(lines)
            assert [pattern for pattern in side.lines if not any(judge.found(pattern, [line]) for line in lines)] == []


def test_it_says_of_what() -> None:
    assert {"date", "base (sha256)", "kubelet (sha256)", "kubeadm (sha256)", "Linux", "containerd"} <= SEEN.facts.keys()
