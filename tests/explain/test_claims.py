"""Every sentence of the brief is answered by what is true of it; what is none of them is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from generator import names, reasons
from generator.explain import answers, claims
from generator.reasons import Claim, Place
from tests.conftest import ROOT

CLAIMS = [(place, claim) for place, row in reasons.rows().items() for claim in row.brief]
NOTHING = yaml.safe_load((ROOT / "tests/symptoms/nothing.yaml").read_text(encoding="utf-8"))
QUOTED = yaml.safe_load(Path(__file__).with_name("quoted.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("place", "claim"), CLAIMS, ids=[claim.says[:40] for _, claim in CLAIMS])
def test_each_claim_is_found_by_its_own_words(place: Place, claim: Claim) -> None:
    assert (claim, place) in [(one.claim, one.place) for one in claims.judged(claim.says)]
    told = answers.answer(claim.says, "text")
    assert told.error is None
    assert claim.verdict in " ".join(told.text.split())


@pytest.mark.parametrize(
    ("pasted", "row", "verdict"),
    [
        ("Source NAT fails for external traffic", "sysctl.net.bridge.bridge-nf-call-iptables", "not so"),
        ("dial tcp 10.96.0.1:443: i/o timeout", "modules.br_netfilter", "partly"),
        (
            "[preflight]\n\t[ERROR Swap]: running with swap on is not supported. Please disable swap\n",
            "swap.disabled",
            "out of date",
        ),
        ("iptables **ignores** bridged traffic", "modules.br_netfilter", "true"),
    ],
)
def test_pastes(pasted: str, row: str, verdict: str) -> None:
    first = claims.judged(pasted)[0]
    assert (names.full(*first.place), first.claim.verdict) == (row, verdict)


@pytest.mark.parametrize("line", [*NOTHING, "the node", "kubelet", "swap", "a b c d", "x " * 5000])
def test_nothing(line: str) -> None:
    assert claims.judged(line) == ()


def test_told_to_programs() -> None:
    """Beside the symptoms; the keys are a contract."""
    told = json.loads(answers.answer("Runtime (lost on reboot)", "json").text)
    assert (told["kind"], told["matches"]) == ("symptom", [])
    (one,) = told["claims"]
    assert (one["name"], one["verdict"], one["score"]) == ("modules", "true", 1.0)
    assert one["truth"]
    assert one["source"]


@pytest.mark.parametrize("said", QUOTED["answered"])
def test_what_is_quoted_is_answered(said: str) -> None:
    assert answers.answer(said, "text").error is None


@pytest.mark.parametrize("said", QUOTED["by itself nothing"])
def test_what_tells_nothing_by_itself(said: str) -> None:
    assert answers.answer(said, "text").error is not None
