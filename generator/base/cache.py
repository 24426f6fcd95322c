"""Folders that are dear to make, kept under the name of what determines them.

<cache>/base/<name>/            the files, and manifest.json, written last: their sha256, and what they were made of
<cache>/base/<name>.lock        held by whoever looks at or makes <name>; never removed
<cache>/base/.<name>.<random>   being made, by the holder of the lock: seen by the next holder, it is a leftover

What is there is never trusted for being there: each use reads all of it and compares. (But for a look whether anything
has changed: seen.py.) Each look is told to whoever wants it explained (keys.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from generator import data, errors, locks, progress, regular, stop
from generator.base import keys, namespace, seen, why
from generator.base.keys import Looked
from generator.sentences import places

_MANIFEST = "manifest.json"
_MADE_OF = "made_of"
_ONLY_LOOKING: ContextVar[bool] = ContextVar("only_looking", default=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder whose files have been read just now; `sha256` is by file name."""

    folder: Path
    sha256: Mapping[str, str]


class NotThere(Exception):
    """Something is to be made, and somebody only looks: for whoever calls `only_looking`, and nobody else."""


@contextmanager
def only_looking() -> Iterator[None]:
    """Nothing is made in this block: NotThere is raised instead."""
    token = _ONLY_LOOKING.set(True)
    try:
        yield
    finally:
        _ONLY_LOOKING.reset(token)


def root() -> Path:
    """The folder of all entries, made if need be. Raises ToolError where it could be somebody else's."""
    cache = data.cache_dir()
    if cache == data.homeless_cache_dir():
        _claim(cache)
    folder = cache / "base"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _claim(cache: Path) -> None:
    """Its name can be known before: who was there first could have put an image of theirs into it."""
    with contextlib.suppress(FileExistsError):
        cache.mkdir(mode=0o700)
    seen = cache.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o022:
        raise errors.not_our_cache(str(cache))


def obtain(name: str, make: Callable[[Path], None], *, refresh: bool = False) -> Entry:
    """The entry `name`: the one that is there if its bytes are what they were, else one that `make` fills.

    `make` gets an empty folder. Where it raises, nothing stays behind. With `refresh` it is made anew in any case; a
    process that has the old files open keeps them.
    """
    with _told_where(home := root() / name), _locked(home):
        _sweep(home)
        found, reason = (None, why.FRESH) if refresh else _intact(home)
        keys.tell(Looked(home.name, _key(home), found is not None, reason or _why_not(home)))
        if found is not None:
            return found
        if _ONLY_LOOKING.get():
            raise NotThere(name)
        _fill(home, make)
        made, _ = _intact(home)
        assert made is not None, f"{home} changed while it was locked"  # noqa: S101 - nobody else writes here
        return made


def _fill(home: Path, make: Callable[[Path], None]) -> None:
    stages: list[Path] = []
    try:
        with stop.postponed():  # a signal finds it known, or not begun
            stages.append(Path(tempfile.mkdtemp(prefix=f".{home.name}.", dir=home.parent)))
        make(stages[0])
        _seal(stages[0], keys.made_of(_key(home)))
        _replace(home, stages[0])
    finally:
        with stop.postponed():
            for stage in stages:
                if stage.exists():
                    namespace.remove(stage)


@contextmanager
def _told_where(home: Path) -> Iterator[None]:
    """A write that fails does not say to which file."""
    try:
        yield
    except OSError as error:
        raise places.no_cache(error.filename or str(home), error.strerror or str(error)) from None


def digest(path: Path) -> str:
    """The sha256 of a file. Raises OSError where it cannot be read, or is none."""
    with regular.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Hold the entry's lock, which the kernel gives back when the holder dies."""

    def wait() -> None:
        progress.note(f"{home.name}: another nodebake is at it, waiting for that")

    with locks.held(home.with_name(f"{home.name}.lock"), wait):
        yield


def _sweep(home: Path) -> None:
    for leftover in home.parent.glob(f".{home.name}.*"):
        namespace.remove(leftover)


def _intact(home: Path) -> tuple[Entry | None, str]:
    """The entry, if each file is there with the bytes that it was sealed with; and why, where there is something."""
    try:
        wanted = json.loads((home / _MANIFEST).read_text(encoding="utf-8"))["sha256"]
        found = {name: seen.digest(home / name) for name in wanted}
    except FileNotFoundError:
        if not home.exists():
            return None, ""
        progress.note(f"{home.name}: the cached copy is incomplete, making it again")
        return None, why.INCOMPLETE
    except (ValueError, KeyError, TypeError, RecursionError):
        found, wanted = {}, None
    if found == wanted:
        return Entry(home, found), why.READ
    progress.note(f"{home.name}: the cached copy is not what was put there, making it again")
    return None, why.DAMAGED


def _key(home: Path) -> str:
    return home.name.rpartition("-")[2]


def _why_not(home: Path) -> str:
    """What has changed since the nearest of its kind."""
    kind = home.name.rpartition("-")[0]
    return keys.nearest(_key(home), (_made_of(other) for other in home.parent.glob(f"{kind}-*/{_MANIFEST}")))


def _made_of(path: Path) -> keys.Parts:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))[_MADE_OF]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}


def _seal(stage: Path, parts: keys.Parts) -> None:
    """Write the manifest of all files, and have everything on the disk before it may be found."""
    names = sorted(path.name for path in stage.iterdir())
    text = json.dumps({"sha256": {name: digest(stage / name) for name in names}, _MADE_OF: dict(parts)}, indent=1)
    (stage / _MANIFEST).write_text(text + "\n", encoding="utf-8")
    for path in (*(stage / name for name in names), stage / _MANIFEST, stage):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _replace(home: Path, stage: Path) -> None:
    """Put the new folder where the old one is, if there is one: as a leftover, should we die in between."""
    old = Path(f"{stage}.old")
    if home.exists():
        home.rename(old)
    stage.chmod(0o755)
    stage.rename(home)
    if old.exists():
        namespace.remove(old)
