"""What a build leaves behind by forgetting it: the rows of left.yaml, the name, and private keys wherever they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from generator import data
from generator.checks import leaks
from generator.model import Edit, Expect, Fault, Part
from generator.reasons import reason
from generator.settings import Context

_NAME = Edit("/etc/hostname", b"build\n")
# No key: nobody has what it would open. It looks like one to whatever looks for the heading and the letters.
_HEAD, _TAIL = b"-----BEGIN OPENSSH " + b"PRIVATE KEY-----\n", b"\n-----END OPENSSH " + b"PRIVATE KEY-----\n"
_KEY = Edit("/etc/ssl/private/build.key", _HEAD + b"bm9kZWJha2Uga2VwdCBpdA" * 3 + _TAIL, "0600")
_PASSWORD = Edit("/etc/shadow", b"nodebake-left:$6$kept$kept:20000:0:99999:7:::\n", append=True)
_NONE_ELSE = "none but the profile's"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of left.yaml, whose head says what is what."""

    patterns: tuple[str, ...]
    fault: str
    content: str
    booted: Literal["none", "new", "own"]
    allows: Literal["nothing", "folders", "asked", "lines"] = "nothing"
    match: str = ""
    append: bool = False


def rows() -> Mapping[str, Row]:
    """By the name of the check."""
    raw: dict[str, dict[str, Any]] = data.rows(Path(__file__).parent / "left.yaml")
    return {key: Row(**{**row, "patterns": tuple(row["patterns"])}) for key, row in raw.items()}


def part(context: Context) -> Part:
    """What the profile lays itself may be there; a fault in a file of the profile would be one of that file's."""
    asked = tuple(file["path"] for file in context.profile.settings.get("files", ()))
    known = rows()
    edits = {key: Edit(row.fault, row.content.encode(), append=row.append) for key, row in known.items()}
    edits |= {"hostname": _NAME, "private-keys": _KEY, "passwords": _PASSWORD}
    return Part(
        expects=(*(_of_row(key, row, asked) for key, row in known.items()), *_of_code(asked)),
        faults=tuple(_fault(key, edit) for key, edit in edits.items() if edit.path not in asked),
    )


def _of_row(key: str, row: Row, asked: tuple[str, ...]) -> Expect:
    where = leaks.paths(*row.patterns)
    match row.allows:
        case "asked":
            return _expect(key, "image-unasked", (where, *asked), _NONE_ELSE)
        case "lines":
            return _expect(key, "image-lines", (row.match, where, *asked), _NONE_ELSE)
        case "folders":
            return _expect(key, "image-no-files", row.patterns, "none")
        case "nothing":
            return _expect(key, "image-absent", row.patterns, "none")


def _of_code(asked: tuple[str, ...]) -> Iterator[Expect]:
    """For which no row is enough."""
    yield _expect("hostname", "image-hostname", (), "localhost, empty, or no file")
    yield _expect("passwords", "image-locked", (), "none: every one is locked")
    yield _expect("private-keys", "image-private-keys", asked, _NONE_ELSE)


def _expect(key: str, kind: str, args: tuple[str, ...], want: str) -> Expect:
    return Expect(f"hygiene.{key}", f"hygiene.{key}", kind, args, want, reason("hygiene", key).breaks)


def _fault(key: str, edit: Edit) -> Fault:
    story = f"{edit.path} has a line of the build" if edit.append else f"{edit.path} was kept from the build"
    return Fault(f"hygiene.{key}.kept", f"hygiene.{key}", story, (edit,), frozenset({f"hygiene.{key}"}))
