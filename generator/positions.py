"""Strict YAML with positions: text -> plain values, and where each stands. Collects every finding.

Stricter than PyYAML, which is the parser that cloud-init uses: no aliases, anchors, tags or second documents, no key
twice, no null, and no plain scalar that YAML 1.1 silently turns into something else (`no`, `0644`, `22:22`, `1.30`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator import sentences
from generator.errors import Finding

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]

MAX_BYTES = 1 << 20
MAX_DEPTH = 32  # the C composer recurses, and 100,000 nested brackets crash the interpreter
_INT = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_BOOL = {"true": True, "false": False}
_UNSEEN = re.compile(  # C0 and C1 controls, then what has no width or turns the direction of writing
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


@dataclass(slots=True)
class Document:
    """A parsed profile: its value, the (line, column) of every path, and what was wrong with it."""

    file: str
    value: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def find(self, mark: Any, path: Path, sentence: str, hint: str = "") -> None:  # noqa: ANN401
        """Note what is wrong at a (line, column), or at a mark of PyYAML's."""
        line, column = mark if isinstance(mark, tuple) else (mark.line + 1, mark.column + 1)
        self.findings.append(Finding(self.file, line, column, pretty(path), sentence, hint))


def pretty(path: Path) -> str:
    """sysctl, modules[2], files[0].mode: a path as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def parse(text: str, file: str) -> Document:
    """Read one document. Findings are in the result, whose value is as much as made sense."""
    document = Document(file)
    for match in _UNSEEN.finditer(text.removeprefix("\ufeff")):
        line = text.count("\n", 0, match.start())
        column = match.start() - text.rfind("\n", 0, match.start())
        document.find((line + 1, column), (), *sentences.unseen_character(ord(match.group())))
    if document.findings:
        return document
    try:
        _refuse_structure(document, text)
        if not document.findings:
            document.value = _value(document, yaml.compose(text, Loader=Loader), ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.find(position, (), *sentences.bad_yaml(error.problem or "", _line(text, position[0]), MAX_DEPTH))
    except yaml.YAMLError as error:
        document.find((1, 1), (), *sentences.bad_yaml(str(error), "", MAX_DEPTH))
    return document


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1] if number <= len(lines) else ""


def _refuse_structure(document: Document, text: str) -> None:
    """One pass over the events, which do not recurse: depth, aliases, anchors, tags, documents."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                document.find(event.start_mark, (), *sentences.SECOND_DOCUMENT)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            document.find(event.start_mark, (), *sentences.too_deep(MAX_DEPTH))
            return
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            document.find(event.start_mark, (), *sentences.ALIAS)
        elif getattr(event, "tag", None):
            document.find(event.start_mark, (), *sentences.TAG)
    if not documents:
        document.find((1, 1), (), *sentences.EMPTY)


def _value(document: Document, node: Any, path: Path) -> Any:  # noqa: ANN401 - YAML holds anything
    document.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return dict(_members(document, node, path))
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, (*path, index)) for index, item in enumerate(node.value)]
    return _scalar(document, node, path)


def _members(document: Document, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            text = key.value if isinstance(key, yaml.ScalarNode) else "a list or a mapping"
            document.find(key.start_mark, path, *(sentences.MERGE_KEY if text == "<<" else sentences.bad_key(text)))
            continue
        here = (*path, key.value)
        if key.value in seen:
            document.find(key.start_mark, here, *sentences.duplicate_key(seen[key.value]))
            continue
        seen[key.value] = key.start_mark.line + 1
        document.keys[here] = (key.start_mark.line + 1, key.start_mark.column + 1)
        yield key.value, _value(document, value, here)


def _scalar(document: Document, node: yaml.ScalarNode, path: Path) -> str | int | bool | None:
    """Only what every YAML version reads alike is taken unquoted; the rest is refused with the advice to quote it."""
    kind, text = node.tag.rpartition(":")[2], node.value
    if kind == "str":
        return str(text)
    if kind == "int" and _INT.fullmatch(text):
        return int(text)
    if kind == "bool" and text in _BOOL:
        return _BOOL[text]
    document.find(node.start_mark, path, *sentences.ambiguous_scalar(kind, text))
    return None if kind == "null" else str(text)
