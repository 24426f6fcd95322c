"""What a guest prints is read whole, or refused."""

from __future__ import annotations

import pytest

from tests.roads import snapshot


def test_facts() -> None:
    assert snapshot.read("sysctl\tkernel/printk\t4 4 1 7\nfile\t/a b\tf 644 root root\ncontent\t/empty\t\n") == {
        ("content", "/empty"): "",
        ("file", "/a b"): "f 644 root root",
        ("sysctl", "kernel/printk"): "4 4 1 7",
    }


def test_several_lines_are_one_value() -> None:
    assert snapshot.read("sysctl\tnet/x\tone\nsysctl\tnet/x\ttwo\n") == {("sysctl", "net/x"): "one\ntwo"}


def test_a_line_ends_at_its_newline_alone() -> None:
    assert snapshot.read("file\t/a\x85b\x0cc\tf 644 root root") == {("file", "/a\x85b\x0cc"): "f 644 root root"}


@pytest.mark.parametrize("line", ["", "find: /lost: No such file", "file\t/etc", "files\t/etc\td", "unit\t\tloaded"])
def test_what_is_no_fact(line: str) -> None:
    with pytest.raises(ValueError, match=r"^no fact: "):
        snapshot.read(f"file\t/\td 755 root root\n{line}\n")
