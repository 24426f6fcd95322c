"""Where a fuzzer starts: what is kept of earlier runs, what other tests have, and the words of the language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator import schema
from tests.conftest import ROOT
from tests.fuzz.targets import COLUMNS

CORPUS = Path(__file__).parent / "corpus"
_LARGEST = 1 << 14  # bytes: longer inputs say nothing that shorter ones do not
_MARKS = (
    "apiVersion: nodebake/v1\nname: n\n",
    ": ",
    "- ",
    "\n  ",
    "{",
    "}",
    "[",
    "]",
    "|2\n",
    "&a ",
    "*a",
    "<<: ",
    "!x ",
    "---\n",
)


def kept(target: str) -> list[Path]:
    """The corpus that is committed."""
    return sorted((CORPUS / target).iterdir())


def seeds(target: str) -> Iterator[bytes]:
    """The kept ones, and for profiles those that people wrote."""
    for path in kept(target):
        yield path.read_bytes()
    if target == "nodes":
        return
    for folder in ("profiles", "tests/refused", "tests/literal", "tests/inventory"):
        for path in sorted((ROOT / folder).glob("*.yaml")):
            if path.stat().st_size < _LARGEST:
                yield path.read_bytes()


def dictionary(target: str) -> str:
    """libFuzzer's: a word a line, in quotes."""
    words = [*_MARKS, *COLUMNS] if target == "nodes" else [*_MARKS, *sorted(set(_words(schema.profile_schema())))]
    return "".join(f'"{_escaped(word)}"\n' for word in dict.fromkeys(words) if word)


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from map("{}: ".format, node.get("properties", ()))
        yield from (
            str(value) for value in (*node.get("enum", ()), *node.get("examples", ())) if not isinstance(value, dict)
        )
        for value in node.values():
            yield from _words(value)
    elif isinstance(node, list):
        for value in node:
            yield from _words(value)


def _escaped(word: str) -> str:
    plain = (byte for byte in word.encode()[:60])
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in plain)
