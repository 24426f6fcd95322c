"""Values that the schema takes, made by hypothesis from the schema itself; many at a time."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator import schema

# Whole texts are tried as they are, and stuck together: what some parser or some shell is known to stumble over.
AWKWARD = (
    "", " ", "  ", "\t", "\n", "\n\n\n", "\r", "\r\n", "\0", "\a", "\x7f", "\x80", "\u0085", "\xa0", "\xad", "\u200b",
    "\u2028", "\u2029", "\u202e", "\ufeff", "\ufffe", "\uffff", "\U0001f600", "\U0010ffff", "é", "漢", "#",
    "# x", "#!/bin/sh",
    "#cloud-config", "#include", "## template: jinja", "MIME-Version: ", "mime-version:", "Content-Type: x/y", "From x",
    "{{ 7*7 }}", "{%", "{#", "${x}", "$x", "$(id)", "`id`", "\\", "\\\n", "\\x41", "'", "''", '"', "'\\''", ";",
    "&&", "|",
    "<<EOF", "EOF", "END_", "END_00000000", ">/x", "*", "~", "!", "%", "@", "&x", "*x", "- ", "-n", "--", "? ", ": ",
    ":",
    "a: b", "---", "...", "%YAML 1.2", "!!binary ", "<<", "=", "null", "yes", "on", "y", "0644", "1e3", "0x1f", "22:22",
    "2026-01-02", ".inf", "[", "]", "{", "}", ",", "finish", "step x", "}\n", "done", "fi", "esac", "exit 0",
)  # fmt: skip
_ROUND = 500  # hypothesis remembers all that it has made in one
_QUICK = hypothesis.settings(database=None, phases=[Phase.generate], suppress_health_check=HealthCheck)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TEXT = st.one_of(ANY_TEXT, st.lists(st.sampled_from(AWKWARD) | ANY_TEXT, max_size=6).map("".join))


def accepted(*path: str) -> st.SearchStrategy[str]:
    """Texts that the schema takes at a path: files, items, properties, mode."""
    node = _node(path)
    valid = Draft202012Validator(node)
    pattern = re.compile(node["pattern"].removeprefix("^").removesuffix("$"), re.ASCII)
    return st.from_regex(pattern, fullmatch=True).filter(valid.is_valid)


def taken(*path: str, before: str = "") -> Callable[[str], bool]:
    """Whether the schema takes a text at a path; for what is quicker made by hand than from its pattern."""
    valid = Draft202012Validator(_node(path))
    return lambda value: valid.is_valid(before + value)


def joined(parts: st.SearchStrategy[str], by: str, most: int) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=most).map(by.join)


def _node(path: tuple[str, ...]) -> dict[str, Any]:
    whole = schema.profile_schema()
    node: dict[str, Any] = functools.reduce(lambda found, key: found[key], path, whole["properties"] if path else whole)
    if "$ref" in node:
        node = {**whole["$defs"][node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}
    return json.loads(json.dumps({**node, "$defs": whole["$defs"]}))  # type: ignore[no-any-return]


def texts() -> Iterator[str]:
    """The names of all places of a profile where the schema takes a text that is not one of a few words."""
    yield from dict.fromkeys(_texts(_node(()), ""))


def _texts(node: Any, name: str) -> Iterator[str]:
    if "$ref" in node:
        node = {**schema.profile_schema()["$defs"][node["$ref"].rpartition("/")[2]], **node}
    if "string" in node.get("type", ()) and not {"enum", "const"} & set(node):
        yield name
    if "propertyNames" in node:
        yield f"{name} (keys)"
    for key in ("then", "else", "items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from _texts(node[key], name)
    for key, inner in node.get("properties", {}).items():
        yield from _texts(inner, f"{name}.{key}".removeprefix("."))


def many(values: st.SearchStrategy[Any], count: int) -> list[Any]:
    """So many different values; where a field has only few, most of these."""
    found: dict[Any, None] = {}

    @hypothesis.settings(_QUICK, max_examples=min(count, _ROUND))
    @given(values)
    def collect(value: Any) -> None:
        found.setdefault(value)

    for _ in range(3 + 2 * count // _ROUND):
        if len(found) < count:
            collect()
    return list(found)[:count]
