"""The table has a form, and every sentence that is to be shown true or false is in it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.proof import boots, claims

TABLE = claims.load()
SENTENCES = [
    "containerd fails without overlay",
    "services break without br_netfilter",
    "cross-node traffic breaks without ip_forward",
    "kubelet refuses swap",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_sentences_of_the_brief_are_there(sentence: str) -> None:
    assert [claim for claim in TABLE.claims if claim.group == sentence]


def test_claims_are_in_form() -> None:
    assert [claim.says for claim in TABLE.claims if claim.verdict not in claims.VERDICTS] == []
    assert [claim.says for claim in TABLE.claims if not claim.truth.endswith(".") or not claim.says] == []
    assert [says for says, times in Counter(claim.says for claim in TABLE.claims).items() if times > 1] == []
    for side in (side for claim in TABLE.claims for side in claim.sides):
        assert side.lines
        for pattern in (*side.lines, *side.never):
            re.compile(pattern)


def test_a_look_is_taken_and_looked_at() -> None:
    """Each that a claim speaks of is taken by a boot and has its words; none is told that nobody takes."""
    taken = set(re.findall(r"(?m)^look (?:'([^']+)'|(\w+))$", "".join(boots.scripts())))
    names = {quoted or bare for quoted, bare in taken} - {"versions"}
    used = {side.look for claim in TABLE.claims for side in claim.sides}
    assert used == set(TABLE.looks)
    assert used <= names


def test_the_probe_of_a_service_elsewhere_is_still_to_be_had() -> None:
    assert "pods_elsewhere()" in boots.scripts()[0]
    with pytest.raises(ValueError, match="has not exactly one"):
        boots.moved("another\nprobe\n")
