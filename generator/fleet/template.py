"""A document with marks in it -> pieces between which each node's values go. Parsed once; then values are spliced in.

Where a mark stands is read from the YAML parser, not guessed: in a block of text a value stands as it is, in quotes it
is escaped, and quotes that hold nothing but a mark are replaced whole, by the value as JSON, which is YAML.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json import encoder
from typing import Any

import yaml

from generator.positions import Loader

quoted = encoder.encode_basestring  # json.dumps(text, ensure_ascii=False), at a fifth of its cost
Block = Sequence[Sequence[str]]  # cells of some nodes, one at least, by the fleet's columns
Form = Callable[[Block], Sequence[str]]  # a text for each node of a block
Node = Sequence[str]  # the cells of one


@dataclass(frozen=True, slots=True)
class Slot:
    """What a mark stands for: as a text, and as JSON.

    Of a `plain` one the text is never escaped, and as JSON it is the text in quotes. With `line`, where there is no
    value there is no line either.
    """

    text: Form
    json: Form
    plain: bool = False
    line: bool = False


def block(nodes: Iterable[Node]) -> Block:
    """Of nodes that were had one by one."""
    return tuple(zip(*nodes, strict=True))


class Template:
    """Pieces and, between each two, a form; of those that are plain the text is the same inside of quotes."""

    def __init__(self, pieces: Sequence[str], forms: Sequence[Form], plain: Sequence[bool]) -> None:
        self.pieces, self.forms, self.plain = tuple(pieces), tuple(forms), tuple(plain)
        self._once = tuple(dict.fromkeys(self.forms))  # a host name stands in many places
        self._places = [self._once.index(form) for form in self.forms]

    def fill(self, nodes: Block) -> Iterator[str]:
        """The document of each node."""
        texts = [form(nodes) for form in self._once]
        parts: list[Iterable[str]] = [()] * (2 * len(self._places) + 1)
        parts[0::2] = (itertools.repeat(piece, len(nodes[0])) for piece in self.pieces)
        parts[1::2] = (texts[place] for place in self._places)
        return map("".join, zip(*parts, strict=True))

    def __add__(self, other: Template) -> Template:
        joint = self.pieces[-1] + other.pieces[0]
        pieces = (*self.pieces[:-1], joint, *other.pieces[1:])
        return Template(pieces, self.forms + other.forms, self.plain + other.plain)

    def as_json(self) -> Template:
        """The same, inside the quotes of a JSON text."""
        escapes = functools.cache(_escaping)  # so that what was one form is still one
        forms = [form if plain else escapes(form) for form, plain in zip(self.forms, self.plain, strict=True)]
        return Template([escaped(piece) for piece in self.pieces], forms, self.plain)


def fixed(text: str) -> Template:
    """Without any values."""
    return Template((text,), (), ())


def of(form: Form, *, plain: bool = False) -> Template:
    """Nothing but a value."""
    return Template(("", ""), (form,), (plain,))


def escaped(text: str) -> str:
    """As it stands between the quotes of JSON, and so of YAML; of text that can be seen, or of whole documents."""
    return quoted(text)[1:-1]


def each(change: Callable[[str], str], form: Form) -> Form:
    """A form of which every text is changed."""
    return lambda nodes: list(map(change, form(nodes)))


def _all_escaped(texts: Sequence[str]) -> Sequence[str]:
    joint = "".join(texts)
    if len(quoted(joint)) == len(joint) + 2:  # most often there is nothing to escape, and that is seen at once
        return texts
    return [text[1:-1] for text in map(quoted, texts)]


def _escaping(form: Form) -> Form:
    return lambda nodes: _all_escaped(form(nodes))


# With "mime-version:" near its beginning user-data is an e-mail to cloud-init (formats/cloud_init.py). A value and what
# is beside it could make these words together; in quotes YAML knows another spelling of the colon, and JSON does.
COLON = r"\u003a"


def _without_colons(form: Form) -> Form:
    return lambda nodes: [text.replace(":", COLON) for text in _all_escaped(form(nodes))]


def compiled(text: str, slots: Mapping[str, Slot]) -> Template:
    """A YAML document with marks, the keys of `slots`. Raises ValueError where a mark stands and no value can."""
    marks = re.compile("|".join(map(re.escape, sorted(slots, key=len, reverse=True))) or r"(?!)")
    text = _spelled(text, slots, marks)
    pieces, forms, plains, at = [], [], [], 0
    for begin, end, form, plain in _places(text, slots, marks):
        pieces.append(text[at:begin])
        forms.append(form)
        plains.append(plain)
        at = end
    made = Template((*pieces, text[at:]), forms, plains)
    if any(marks.search(piece) for piece in made.pieces):
        raise ValueError("a mark stands where no value can")
    return made


def _spelled(text: str, slots: Mapping[str, Slot], marks: re.Pattern[str]) -> str:
    """The same document, without a colon in what is in quotes and holds a mark and more."""
    parts, at = [], 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.ScalarEvent) and event.style == '"' and event.value not in slots:
            begin, end = _index(event.start_mark), _index(event.end_mark)
            if marks.search(text, begin, end):
                parts += [text[at:begin], text[begin:end].replace(":", COLON)]
                at = end
    return "".join((*parts, text[at:]))


def _places(text: str, slots: Mapping[str, Slot], marks: re.Pattern[str]) -> Iterator[tuple[int, int, Form, bool]]:
    """From where to where a form stands, and whether it is plain."""
    for event in yaml.parse(text, Loader=Loader):
        if not isinstance(event, yaml.ScalarEvent):
            continue
        begin, end = _index(event.start_mark), _index(event.end_mark)
        whole = slots.get(event.value) if event.style == '"' else None
        if whole is not None and whole.line:
            yield *_line(text, begin, end), _whole_line(text, begin, end, whole.json), False
        elif whole is not None and not whole.plain:
            yield begin, end, whole.json, False
        else:
            for match in marks.finditer(text, begin, end):
                if event.style not in ('"', "|"):
                    raise ValueError("a mark stands outside of quotes")
                slot = slots[match.group()]
                form = _without_colons(slot.text) if event.style == '"' and not slot.plain else slot.text
                yield *match.span(), form, slot.plain


def _index(mark: Any) -> int:  # noqa: ANN401 - PyYAML's marks, of two kinds
    return int(mark.index)


def _line(text: str, begin: int, end: int) -> tuple[int, int]:
    return text.rfind("\n", 0, begin) + 1, text.index("\n", end) + 1


def _whole_line(text: str, begin: int, end: int, form: Form) -> Form:
    first, last = _line(text, begin, end)
    before, after = text[first:begin], text[end:last]
    return lambda nodes: [f"{before}{value}{after}" if value else "" for value in form(nodes)]
