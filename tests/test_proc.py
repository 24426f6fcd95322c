"""Programs that would never end, however what they say is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator import errors, proc


@pytest.mark.parametrize("on_line", [None, lambda _line: None], ids=["at its end", "line by line"])
def test_a_program_without_end(on_line: Callable[[str], None] | None) -> None:
    """And what it started, which holds the pipe open."""
    with pytest.raises(errors.ToolError, match=r"^no end after 1 s: sh -c 'sleep 300 & echo begun; wait'$"):
        proc.run(["sh", "-c", "sleep 300 & echo begun; wait"], timeout=1.0, on_line=on_line)


def test_one_that_ends_in_time() -> None:
    seen: list[str] = []
    assert proc.run(["sh", "-c", "echo one; echo two"], timeout=60.0, on_line=seen.append) == "one\ntwo"
    assert seen == ["one", "two"]


def test_one_that_fails_says_its_last_lines() -> None:
    with pytest.raises(errors.ToolError, match=r"^failed with exit code 3: .*\nwhy$"):
        proc.run(["sh", "-c", "echo why; exit 3"], on_line=lambda _line: None)


def test_one_whose_failure_is_an_answer() -> None:
    """U+2028 ends no line, whatever Python's str.splitlines says."""
    assert proc.ask(["sh", "-c", "printf 'one\\342\\200\\250still one\\ntwo'; exit 3"]) == (
        3,
        ["one\u2028still one", "two"],
    )


def test_an_answer_without_end() -> None:
    with pytest.raises(errors.ToolError, match=r"^no end after 1 s: sleep 300$"):
        proc.ask(["sleep", "300"], timeout=1.0)
