"""Every pattern of schemas/: anchored, ASCII, bounded, and refused is what is accepted with a line break behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validators

from generator import schema

_LONGEST = 1 << 14  # characters: what a pattern may have to look at
_BESIDE = ("\n", "\r", "\0", "\x1b", "\x85", "\u2028", "\u0661")
_EXACT: Any = validators.extend(Draft202012Validator, {"pattern": schema.pattern})


@dataclass(frozen=True, slots=True)
class Place:
    """A pattern, the schema that it stands in, and whether it says what is not taken."""

    name: str
    node: dict[str, Any]
    refuses: bool

    @property
    def pattern(self) -> str:
        return str(self.node["pattern"])


def _places(node: Any, name: str, refuses: bool = False) -> Iterator[Place]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield Place(name, node, refuses)
        for key, value in node.items():
            yield from _places(value, f"{name}.{key}", refuses or key in ("not", "nowhere"))
    for number, value in enumerate(node) if isinstance(node, list) else ():
        yield from _places(value, f"{name}[{number}]", refuses)


OURS = list(_places(schema.profile_schema(), "profile"))
ACCEPTING = [place for place in OURS if not place.refuses]


def _named(place: Place) -> str:
    return place.name


def _validator(place: Place) -> Any:
    return _EXACT({**place.node, "type": "string", "$defs": schema.profile_schema()["$defs"]})


def _accepted(place: Place) -> st.SearchStrategy[str]:
    whole = re.compile(place.pattern.removeprefix("^").removesuffix("$"), re.ASCII)
    return st.from_regex(whole, fullmatch=True).filter(_validator(place).is_valid)


def test_there_are_patterns() -> None:
    assert len(ACCEPTING) >= 20
    assert len(OURS) - len(ACCEPTING) > 10


@pytest.mark.parametrize("place", ACCEPTING, ids=_named)
def test_it_is_of_the_whole_text_in_classes_of_ascii(place: Place) -> None:
    assert re.fullmatch(r"\^.*\$", place.pattern)
    assert not re.search(r"\\[dDwWsSbB]|(?<!\\)\[\^|(?<![\\\[])\.", re.sub(r"\[[^\]]*\]", "", place.pattern))
    assert place.pattern.isascii()


@pytest.mark.parametrize("place", ACCEPTING, ids=_named)
def test_it_is_bounded(place: Place) -> None:
    _, widest = re._parser.parse(place.pattern).getwidth()  # type: ignore[attr-defined]
    assert min(place.node.get("maxLength", widest), widest) <= _LONGEST


@pytest.mark.parametrize("place", ACCEPTING, ids=_named)
def test_nothing_passes_beside_what_is_accepted(place: Place) -> None:
    """A line break, NUL, escape or look-alike, before and behind; as Python's own `$` would let one of them."""
    valid = _validator(place).is_valid

    @hypothesis.settings(database=None, max_examples=20, phases=[Phase.generate], suppress_health_check=HealthCheck)
    @given(_accepted(place))
    def hold(text: str) -> None:
        assert valid(text)
        beside = [bad for more in _BESIDE for bad in (text + more, more + text)]
        assert list(filter(valid, beside)) == []

    hold()


def test_a_long_text_is_not_looked_at() -> None:
    """The length is asked first: what this pattern does with 40 characters takes longer than anybody waits."""
    node = {"type": "string", "pattern": "^(a+)+$", "maxLength": 8}
    assert [error.validator for error in _EXACT(node).iter_errors("a" * 40 + "!")] == ["maxLength"]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^a$", "a\n", False),
        ("^(a$|b$)", "a\n", False),
        ("^a$|^b$", "a\n", False),
        (r"^a\$$", "a$", True),
        (r"^a\$$", "a\n", False),
        ("^[$]$", "$", True),
        (r"^[\]$]$", "$", True),
        (r"^\d$", "\u0661", False),
        ("x", "axb", True),
    ],
)
def test_as_ecma_has_it(pattern: str, text: str, found: bool) -> None:
    assert schema.matches(pattern, text) is found
