"""Whatever a profile says is data: quoted, never templated, read back as it was."""

from __future__ import annotations

import shlex
import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from generator import render

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
NASTY = [
    "1e3", "0o7", "y", "N", "no", "~", "", " ", "a: b", "- a", "# a", "'", '"', "\\", "$(id)", "`id`", "{{ 7*7 }}",
    "{% x %}", "${x}", "a\n", "a\n\n\n", "\na", "  a\nb", "a\n  b\n", "a\r\nb", "a\tb\n",
    "\u0085", "\u2028", "\U0001f600", "\ufeff", "EOF\n",
]  # fmt: skip


@given(st.recursive(TEXT | st.integers() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
def test_yaml_reads_back(value: object) -> None:
    assert yaml.safe_load(render.to_yaml(value)) == value


@pytest.mark.parametrize("value", NASTY)
def test_yaml_text_is_never_plain(value: str) -> None:
    text = render.to_yaml({"key": value})
    assert yaml.safe_load(text) == {"key": value}
    assert text.startswith(('key: "', "key: |"))


@given(st.lists(TEXT.filter(lambda value: "\0" not in value), min_size=1))
def test_shell_words_are_words(words: list[str]) -> None:
    assert shlex.split(render.shell_call(tuple(words))) == words


@pytest.mark.parametrize("value", [value for value in NASTY if "\0" not in value])
def test_a_real_shell_reads_the_word(value: str) -> None:
    script = f"printf %s {render.shell_quote(value)}"
    assert subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout == value.encode()


def test_a_missing_value_is_our_bug() -> None:
    with pytest.raises(UndefinedError):
        render.template("users/sudoers.j2", header="x")


def test_values_are_not_templates() -> None:
    assert "{{ 7*7 }}" in render.template("users/sudoers.j2", header="x", user="{{ 7*7 }}")


def test_comment_has_no_way_out() -> None:
    assert render.comment("a\nb c") == "# a\n# b c"
