"""What the host observes of an image that nobody runs: read off its root file system, by the expectations' commands."""

from __future__ import annotations

import functools
import hashlib
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import checks, dpkg, errors, offline
from generator.checks import image as of_packages
from generator.forms.reading import Readable
from generator.image_checks import esp, keys
from generator.image_checks.tree import Tree
from generator.model import Observation, Plan
from generator.offline import Disk

Argv = tuple[str, ...]

_PASSWD = of_packages.ACCOUNTS
_HOMES = ("/root", "/home/*", "/var/lib/*")  # also of accounts that are gone


def of_image(image: Readable, plan: Plan, work: Path) -> Mapping[Argv, Observation]:
    """The observations of an image, through a raw copy below `work` that is gone afterwards. Raises ToolError.

    Only a raw one is read here. A copy of 424 MiB took half a second; a FUSE export needs a device and a helper.
    """
    if image.driver == "raw":
        return observe(offline.find(image.path), plan)
    raw = work / "image.raw"
    try:
        return observe(offline.copy(image.path, raw, image.driver), plan)
    finally:
        raw.unlink(missing_ok=True)


def observe(disk: Disk, plan: Plan) -> Mapping[Argv, Observation]:
    """The observations of a raw disk, by command. Raises ToolError where there is no root file system to read."""
    commands = dict.fromkeys(checks.command(expect) for expect in checks.seen_by("image", plan.expects))
    tree = Tree(disk)
    if commands and not tree.matching("/etc"):
        raise errors.offline_failed(str(disk.path), "it has no /etc")
    return {argv: _look(disk, tree, argv) for argv in commands}


def lines(seen: Mapping[Argv, Observation]) -> tuple[str, ...]:
    """The observations as lines of JSON, to stand with those of a guest: no command of a guest is one of the host's."""
    return tuple(
        json.dumps({"image": found.argv, "code": found.code, "out": found.out.decode()}) for found in seen.values()
    )


def read(told: Iterable[str]) -> Mapping[Argv, Observation]:
    """Back from lines. The last word on a command holds: ours come after what a guest may have said."""
    rows = filter(None, (_row(line) for line in told if line.startswith('{"image": [')))
    return {row.argv: row for row in rows}


def _row(line: str) -> Observation | None:
    """None for what a guest says that would be ours and is not."""
    try:
        row = json.loads(line)
        return Observation(tuple(map(str, row["image"])), int(row["code"]), str(row["out"]).encode())
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        return None


def _look(disk: Disk, tree: Tree, argv: Argv) -> Observation:
    what = argv[1]
    if what == "private-keys":
        return Observation(argv, 0, json.dumps({where: {"type": ""} for where in keys.found(disk)}).encode())
    if what == "esp":
        return esp.observe(disk, argv)
    found = {path: kind for pattern in _patterns(tree, argv) for path, kind in tree.matching(pattern).items()}
    entries = {path: {"type": kind, **_more(tree, path, kind, argv)} for path, kind in found.items()}
    return Observation(argv, 0, json.dumps(entries).encode())


def _patterns(tree: Tree, argv: Argv) -> Sequence[str]:
    """Shell patterns of paths: of `lines` after the regular expression, of `homes` for each home that there may be."""
    _, what, *words = argv
    if what != "homes":
        return words[1:] if what == "lines" else words
    accounts = tree.content(_PASSWD) if tree.matching(_PASSWD).get(_PASSWD) == "regular" else b""
    rows = (row.split(":") for row in accounts.decode("utf-8", "replace").split("\n"))
    homes = {*_HOMES, *(posixpath.normpath(row[5]) for row in rows if len(row) > 5)}
    return [f"{home}/{word}" for home in sorted(homes) for word in words]


def _more(tree: Tree, path: str, kind: str, argv: Argv) -> Mapping[str, Any]:
    """What is told of one entry. It is kept with the reports: so of what may be a secret, no more than is judged."""
    _, what, *words = argv
    if kind == "symlink":
        return {"target": tree.target(path)}
    if kind != "regular" or what == "names":
        return {}
    content = tree.content(path)
    if what not in ("packaged", "lines"):
        return _TOLD[what](content, words)
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()  # as dpkg has it
    packaged = (path, digest) in _packaged(tree)
    return {"packaged": packaged} if packaged or what == "packaged" else _lines(content, words)


@functools.lru_cache(maxsize=1)
def _packaged(tree: Tree) -> frozenset[tuple[str, str]]:
    """The configuration files as their packages brought them."""
    return of_packages.conffiles(tree.content(dpkg.STATUS).decode()) if tree.matching(dpkg.STATUS) else frozenset()


def _text(content: bytes, _words: Sequence[str]) -> Mapping[str, Any]:
    return {"text": content.decode("utf-8", "surrogateescape")}


def _lines(content: bytes, words: Sequence[str]) -> Mapping[str, Any]:
    """The numbers of the lines in which the first word, a regular expression, is found."""
    rows = content.decode("utf-8", "replace").splitlines()
    return {"lines": [number for number, row in enumerate(rows, 1) if re.search(words[0], row)]}


def _locks(content: bytes, _words: Sequence[str]) -> Mapping[str, Any]:
    """The logins of passwd(5) or shadow(5), each with its password made one of: empty, *, !, x, set."""
    rows = [row.split(":") for row in content.decode("utf-8", "replace").splitlines() if ":" in row]
    return {"logins": {row[0]: row[1][:1] if row[1][:1] in ("", "*", "!") or row[1] == "x" else "set" for row in rows}}


_TOLD: Mapping[str, Callable[[bytes, Sequence[str]], Mapping[str, Any]]] = {
    "texts": _text,
    "homes": _text,
    "logins": _locks,
}
