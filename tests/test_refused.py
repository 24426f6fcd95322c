"""Every file in refused/ is refused with just the findings that its first lines name. Dropping one in makes a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import errors
from generator import plan as planning

CASES = sorted((Path(__file__).parent / "refused").glob("*.yaml"))


def _expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").split("\n")
    head = next((number for number, line in enumerate(lines) if not line.startswith("# ")), len(lines))
    return [line.removeprefix("# ") for line in lines[:head]]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_refused(path: Path) -> None:
    with pytest.raises(errors.Refused) as caught:
        planning.load(str(path))
    assert [str(finding).removeprefix(f"{path}:").strip() for finding in caught.value.findings] == _expected(path)
    assert caught.value.exit_code == 2


def test_there_are_cases() -> None:
    assert len(CASES) > 60
    assert all(_expected(path) for path in CASES)
