"""How long anything waits is decided by a clock that nobody sets: the other one only names and dates things."""

from __future__ import annotations

import ast

from tests.test_layers import FILES, PACKAGE

# Each with what it is for.
DATES = {
    "verify.py": "when a report was made",
    "pipeline/page.py": "when a page was made",
    "pipeline/remote.py": "since when a folder at a URL has been there, as no kind of URL but some tells",
    "base/seen.py": "whether a file was written so short a while ago that its times say nothing",
    "prove/formats.py": "when a page was made",
    "base/sources.py": "the day that stands for packages without a snapshot of their own",
}
_WALL = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


def _reads(source: str) -> bool:
    """Whether the clock that people set is asked for the time."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(
        isinstance(call, ast.Attribute) and (ast.unparse(call.value).split(".")[-1], call.attr) in _WALL
        for call in calls
    )


def test_nothing_waits_by_the_clock_that_is_set() -> None:
    found = {str(path.relative_to(PACKAGE)) for path in FILES if _reads(path.read_text(encoding="utf-8"))}
    assert found == set(DATES)


def test_the_reader_can_fail() -> None:
    assert _reads("import time\nx = time.time() + 3\n")
    assert _reads("import datetime\nx = datetime.datetime.now()\n")
    assert not _reads("import time\nx = time.monotonic()\n")
