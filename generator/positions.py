"""Strict YAML with positions: text -> plain values, and where each stands. Collects every finding.

Stricter than PyYAML, which is the parser that cloud-init uses: no aliases, anchors, tags or second documents, no key
twice, no null, and no plain scalar that YAML 1.1 silently turns into something else (`no`, `0644`, `22:22`, `1.30`).
Such a scalar is doubtful: schema.py, which knows what is wanted in its place, finds the words for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator import data, sentences
from generator.errors import Finding, masked

Loader = data.Loader
Path = tuple[str | int, ...]

MAX_BYTES = 1 << 20
MAX_FINDINGS = 50  # of one file: nobody reads more, and junk would make a million
MAX_DEPTH = 32  # the C composer recurses, and 100,000 nested brackets crash the interpreter
_INT = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_BOOL = {"true": True, "false": False}
_TRUE = {"true", "yes", "on", "y"}
_DOUBTFUL = {"null", "bool", "int", "float", "timestamp"}
UNSEEN = re.compile(  # C0 and C1 controls, then what has no width, no ink, or turns the direction of writing
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    r"|\r(?!\Z)"  # of a line that has no other end: a line break to YAML, and to no editor
)


@dataclass(slots=True)
class Document:
    """A parsed file: its value, the (line, column) of every path, and what was wrong with it.

    `kind` is what it is called where the sentences say profile, which most are.
    """

    file: str
    kind: str = "profile"
    value: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)  # what was written, of every scalar
    doubtful: dict[Path, str] = field(default_factory=dict)  # what YAML 1.1 takes a scalar for
    findings: list[Finding] = field(default_factory=list)
    bad: set[Path] = field(default_factory=set)  # the paths that findings are about

    def find(self, mark: Any, path: Path, sentence: str, hint: str = "") -> None:  # noqa: ANN401
        """Note what is wrong at a (line, column), or at a mark of PyYAML's. After the last that is kept, say so."""
        self.bad.add(path)
        if len(self.findings) > MAX_FINDINGS:
            return
        line, column = mark if isinstance(mark, tuple) else (mark.line + 1, mark.column + 1)
        words = (sentence, hint) if len(self.findings) < MAX_FINDINGS else sentences.MORE
        words = words if self.kind == "profile" else sentences.of_kind(self.kind, *words)
        self.findings.append(Finding(self.file, line, column, pretty(path), *words))

    def sound(self, *path: str | int) -> bool:
        """Whether nothing is wrong at a path or below it."""
        return not any(bad[: len(path)] == path for bad in self.bad)


def pretty(path: Path) -> str:
    """sysctl, modules[2], files[0].mode: a path as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{masked(part)}" if text else masked(part)
    return text


def parse(text: str, file: str, kind: str = "profile") -> Document:
    """Read one document. Findings are in the result, whose value is as much as made sense."""
    document = Document(file, kind)
    _refuse_characters(document, text.removeprefix("\ufeff"))
    if document.findings:
        return document
    try:
        if _has_structure(document, text):
            _read_tree(document, yaml.compose(text, Loader=Loader))
    except yaml.MarkedYAMLError as error:
        mark = _where(error)
        position = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.find(position, (), *sentences.bad_yaml(error.problem or "", _rest(text, *position), MAX_DEPTH))
    except yaml.YAMLError as error:
        document.find((1, 1), (), *sentences.bad_yaml(str(error), "", MAX_DEPTH))
    return document


def _refuse_characters(document: Document, text: str) -> None:
    if "\0" in text:  # it is no text at all, and has as many of them as it has letters
        document.find((1, 1), (), *sentences.NOT_TEXT)
        return
    for number, line in enumerate(text.split("\n"), 1):
        for match in UNSEEN.finditer(line):
            document.find((number, match.start() + 1), (), *sentences.unseen_character(ord(match.group())))
        if len(document.findings) > MAX_FINDINGS:
            return


# Where these are found is where the parser gave up, lines later; where they began is where to look.
_BEGAN = ("while scanning a simple key", "while scanning a quoted scalar", "while parsing a flow")


def _where(error: yaml.MarkedYAMLError) -> Any:  # noqa: ANN401 - PyYAML's marks have no type
    began = error.context_mark if (error.context or "").startswith(_BEGAN) else None
    return began or error.problem_mark or error.context_mark


def _read_tree(document: Document, root: Any) -> None:  # noqa: ANN401
    if isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null"):
        document.find((1, 1), (), *sentences.EMPTY)
    else:
        document.value = _value(document, root, ())


def _rest(text: str, line: int, column: int) -> str:
    """What stands in a line from a column on, with the blanks before it."""
    lines = text.split("\n")
    whole = lines[line - 1] if line <= len(lines) else ""
    before = whole[: column - 1]
    return before[len(before.rstrip()) :] + whole[column - 1 :]


def _has_structure(document: Document, text: str) -> bool:
    """One pass over the events, which do not recurse: depth, aliases, anchors, tags, documents.

    False where the tree is not to be read: too deep, two of them, or aliases, which a short text can multiply.
    """
    sound = True
    depth = documents = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                document.find(event.start_mark, (), *sentences.SECOND_DOCUMENT)
                sound = False
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            document.find(event.start_mark, (), *sentences.too_deep(MAX_DEPTH))
            return False
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            document.find(event.start_mark, (), *sentences.ALIAS)
            sound = sound and not isinstance(event, yaml.AliasEvent)
        elif getattr(event, "tag", None):
            document.find(event.start_mark, (), *sentences.TAG)
    if not documents:
        document.find((1, 1), (), *sentences.EMPTY)
    return sound and documents > 0


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
    """Only what every YAML version reads alike is certain; of the rest it is noted what YAML 1.1 makes of it."""
    kind, text = node.tag.rpartition(":")[2], str(node.value)
    document.texts[path] = text
    if kind == "int" and _INT.fullmatch(text):
        return int(text)
    if kind == "bool" and text in _BOOL:
        return _BOOL[text]
    if kind in _DOUBTFUL:
        document.doubtful[path] = kind
    return None if kind == "null" else text.lower() in _TRUE if kind == "bool" else text
