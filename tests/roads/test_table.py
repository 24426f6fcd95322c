"""The table has a form, and its page is the table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.roads import __main__ as command
from tests.roads import table
from tests.roads.snapshot import KINDS
from tests.roads.table import EACH, ROADS, Row
from tests.roads.test_compare import LINES

ROWS = table.load()


def test_rows_are_in_form() -> None:
    assert [row for row in ROWS if row.kind not in KINDS or row.differs not in (*ROADS, EACH)] == []
    assert [row for row in ROWS if len(row.reason) < 20 or not row.reason[0].islower()] == []


def test_no_row_stands_twice() -> None:
    assert [key for key, times in Counter((row.kind, row.name, row.differs) for row in ROWS).items() if times > 1] == []


def test_no_row_names_everything() -> None:
    """What a pattern lets pass is in one place: at least its first folder, or the start of a name, is spelled out."""
    assert [row for row in ROWS if len(row.name.partition("*")[0]) < 3] == []


def test_page() -> None:
    assert (ROOT / "docs/roads.md").read_text(encoding="utf-8") == table.page(ROWS), "run: make roads"


def test_the_page_has_every_row(tmp_path: Path) -> None:
    rows = [Row("unit", "a.service", "image", "it is baked"), Row("file", "/b", "image", "it is baked")]
    page = table.page([*rows, Row("sysctl", "c", EACH, "it counts")])
    assert "| unit `a.service`, file `/b` | it is baked |\n" in page
    assert "## Every machine's own, or of the moment\n\n| what | why |\n|---|---|\n| sysctl `c` | it counts |\n" in page
    assert "Only after" not in page  # a section without rows


def test_kept_snapshots_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for road in ROADS:
        own = "\nunit\tleft.service\tloaded active running" if road == "image" else ""
        (tmp_path / f"{road}.txt").write_text("\n".join(LINES) + f"{own}\n", encoding="utf-8")
    assert command.main([str(tmp_path)]) == 1
    assert "unit left.service: user-data has 'nothing', bootstrap has 'nothing', image" in capsys.readouterr().out


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    assert capsys.readouterr().out == table.page(ROWS)
