"""Predictions against the corpus, which is booted for real in tests/boots/test_sysctl.py."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.sysctl_conf.corpus import DISTROS, Case, cases, resolver

CASES = cases()


@pytest.mark.parametrize("distro", DISTROS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prediction(case: Case, distro: str) -> None:
    found = resolver(case.files, distro).at_boot(case.expect)
    for key, wanted in case.expect.items():
        value, by = wanted[distro]
        assert (found[key].by.where if found[key].by else None) == by, key
        assert found[key].value == value or (by is None and found[key].value is None), key


def test_the_cases_can_share_one_machine() -> None:
    """No two lay one file or speak of one parameter."""
    assert len(CASES) >= 20
    paths = Counter(path for case in CASES for path in case.files)
    keys = Counter(key for case in CASES for key in case.expect)
    assert max(paths.values()) == max(keys.values()) == 1
