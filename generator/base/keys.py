"""The names of what is dear to make, by what determines it, part by part: and why one was there, or was not.

A part has a name that a person knows (boot.py, sysctl, the profile), so that a miss can be told as what has changed.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from generator import __version__, data, progress
from generator.base import why

Parts = Mapping[str, str]  # the name of a part -> its sha256, or what was chosen, as text


@dataclass(frozen=True, slots=True)
class Looked:
    """One look for something under its key. `reason` is a sentence: of a miss what has changed."""

    what: str
    key: str
    hit: bool
    reason: str


_TOLD: ContextVar[list[Looked] | None] = ContextVar("told", default=None)
_MADE_OF: dict[str, Parts] = {}  # by the keys that this process has made


@contextmanager
def explained() -> Iterator[list[Looked]]:
    """All looks of this block, in their order, in a list."""
    told: list[Looked] = []
    token = _TOLD.set(told)
    try:
        yield told
    finally:
        _TOLD.reset(token)


@contextmanager
def noted(wanted: bool) -> Iterator[None]:
    """All looks of this block told to people, if they want that, also where something goes wrong in it."""
    with explained() as told:
        try:
            yield
        finally:
            for looked in told if wanted else ():
                progress.note(why.line(looked.what, looked.hit, looked.reason))


def tell(looked: Looked) -> None:
    """Note a look for whoever wants it explained."""
    told = _TOLD.get()
    if told is not None:
        told.append(looked)


def key(recipe: Iterable[Path], *parts: object) -> str:
    """The short name of what determines a result: the files of its recipe, and the choices made."""
    files = {path.name: path.read_text(encoding="utf-8") for path in recipe}
    made = _short([files, parts])
    texts = {name: digest(text) for name, text in files.items()}
    _MADE_OF[made] = {**texts, **{_label(number, part): digest(_text(part)) for number, part in enumerate(parts)}}
    return made


def named(parts: Parts) -> str:
    """As `key`, of parts that have their names already."""
    made = _short(dict(parts))
    _MADE_OF[made] = dict(parts)
    return made


def made_of(key: str) -> Parts:
    """The parts of a key that this process has made; nothing of another one."""
    return _MADE_OF.get(key, {})


def changed(old: Parts, new: Parts) -> list[str]:
    """The names of the parts that differ, in the order of the new ones."""
    return [name for name in dict.fromkeys((*new, *old)) if old.get(name) != new.get(name)]


def nearest(key: str, others: Iterable[Parts]) -> str:
    """Why nothing is there under a key: what has changed since the nearest of the others."""
    mine = made_of(key)
    each = sorted((changed(other, mine) for other in others if other), key=len)
    return why.changed(each[0]) if mine and each and each[0] else why.FIRST


def digest(content: str | bytes) -> str:
    """The sha256 of a text or of bytes, in hex."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def files(paths: Sequence[Path], below: Path) -> str:
    """One sha256 of files and their names below a folder."""
    return digest(json.dumps({str(path.relative_to(below)): digest(path.read_bytes()) for path in sorted(paths)}))


@functools.cache
def tool() -> str:
    """nodebake itself, as a part of a verdict: its version, and all of its code, templates, schemas and facts.

    Of a checkout whose version stands still while its checks are worked on, the version alone would be a lie.
    """
    return tool_now()


def tool_now() -> str:
    """As `tool`, read anew: for a process that lives on while its checkout may change.

    It is the same of a checkout and of what was installed from it.
    """
    house = Path(__file__).resolve().parents[1]
    mine = (path for path in house.rglob("*") if not path.is_relative_to(house / "_data"))
    code = [path for path in mine if path.is_file() and path.suffix != ".pyc"]
    beside = [path for folder in (data.TEMPLATES, data.SCHEMAS, data.PACKER) for path in folder.rglob("*")]
    told = (files(code, house), *(digest(path.read_bytes()) for path in sorted(beside) if path.is_file()))
    return f"nodebake {__version__} {digest(''.join(told))[:16]}"


def _short(value: object) -> str:
    return digest(_text(value))[:16]


def _text(value: object) -> str:
    return json.dumps(value, default=_plain, sort_keys=True)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value))


def _label(number: int, part: object) -> str:
    """What a choice without a name is called: by its kind."""
    inner = part[0] if isinstance(part, tuple) and part else part
    return why.KINDS.get(type(inner).__name__, f"choice {number + 1}")
