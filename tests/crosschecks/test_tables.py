"""The tables: settings that are taken without a word, and those of which one warning is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import crosschecks
from generator.model import Plan

STEMS = {path.stem for path in Path(crosschecks.__file__).parent.glob("*.py")}
TABLES: Mapping[str, Mapping[str, list[Mapping[str, Any]]]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(Path(__file__).parent.glob("*.yaml"))
}
assert TABLES.keys() <= STEMS, f"there is no cross-check {', '.join(TABLES.keys() - STEMS)}"


def _cases(kind: str) -> list[Any]:
    return [
        pytest.param(row, id=f"{stem}: {row['case']}") for stem, table in TABLES.items() for row in table.get(kind, ())
    ]


@pytest.mark.parametrize("row", _cases("accepted"))
def test_accepted(planned: Callable[[str], Plan], row: Mapping[str, str]) -> None:
    assert planned(row["profile"]).warnings == ()


@pytest.mark.parametrize("row", _cases("warned"))
def test_warned(planned: Callable[[str], Plan], row: Mapping[str, str]) -> None:
    found = planned(row["profile"]).warnings
    assert [str(one).partition("profile.yaml:")[2] for one in found] == [row["says"]]
