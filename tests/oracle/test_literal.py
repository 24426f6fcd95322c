"""The nasty values of tests/literal/ through the real cloud-init of each Debian, and through real shells."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import plan as planning
from generator.formats import bootstrap
from tests import literal
from tests.oracle import meant, shell
from tests.oracle.process import Oracle


@pytest.mark.parametrize("path", literal.CASES, ids=lambda path: path.stem)
def test_it_arrives(oracles: list[Oracle], path: Path) -> None:
    plan = planning.load(str(path))
    steps = {meant.hold(oracle, plan) for oracle in oracles}
    assert len(steps) == 1
    shell.hold(plan, steps.pop(), set(meant.files(plan)))
    shell.hold(plan, bootstrap.artefacts(plan)[0].content.decode(), set())
