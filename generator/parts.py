"""Output of many files: written beside its place, gone on with after a run that was cut off, published when whole."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import errors, locks, output, stop
from generator.sentences import places

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MARK_EVERY = 1000  # items: what a run that was cut off does again
_KEY = re.compile(r"[0-9a-f]{16}(\.done)?")


@dataclass(slots=True)
class Parts:
    """A folder that is being filled. `done` is how many items an earlier run, for the same key, has put into it."""

    folder: Path
    done: int
    _mark: Path

    def item(self, number: int) -> None:
        """So many items are there, counted from 1."""
        if number % _MARK_EVERY == 0:
            self._mark.write_text(f"{number} {_identity(self.folder)}", encoding="ascii")


def _identity(folder: Path) -> str:
    """Of this very folder, in this boot. Another may come to have its name: the one that it was exchanged for."""
    return f"{_BOOT_ID.read_text(encoding='ascii').strip()} {folder.stat().st_ino}"


@contextmanager
def folder(
    target: Path, key: str, manifest: Mapping[str, Any], ours: Callable[[os.DirEntry[str]], bool]
) -> Iterator[Parts]:
    """Fill a folder, then exchange it for what was there before, of which every entry must be `ours`.

    `key`, 16 hexadecimal digits, names what will be in it. What goes wrong leaves `target` as it was, and what was
    written for the next run. Raises a refusal where something else is in it, LockedError, ToolError.
    """
    with output.hold(target), output.writing(target):
        _refuse_foreign(target, ours)
        part = target.parent / f".part-{target.name}-{key}"
        mark = Path(f"{part}.done")
        _sweep(target, keep=(part, mark))
        with _begun(part, mark, target) as parts:
            yield parts
            text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
            output.write(part / output.MANIFEST, text.encode(), 0o644)
            os.sync()  # one call for all files; a hundred thousand of them cost a minute
            part.chmod(0o755)
            mark.unlink(missing_ok=True)  # of what is published, or of what then is begun anew
            output.exchange(part, target)


def _sweep(target: Path, keep: tuple[Path, Path]) -> None:
    """Remove what earlier runs for other keys have left; `target`-more is another folder's name."""
    prefix = f".part-{target.name}-"
    for found in sorted(target.parent.iterdir()):  # a folder before its mark
        if found.name.startswith(prefix) and _KEY.fullmatch(found.name.removeprefix(prefix)) and found not in keep:
            with suppress(OSError):  # in use, or not ours to remove
                _remove_if_left(found)


def _remove_if_left(found: Path) -> None:
    if found.name.endswith(".done"):
        if not found.with_suffix("").exists():
            found.unlink()
        return
    lock = locks.try_folder(found)
    _remove(found)
    os.close(lock)


@contextmanager
def _begun(part: Path, mark: Path, target: Path) -> Iterator[Parts]:
    """The folder with what an earlier run has surely put into it, or an empty one. It is locked itself, too, for
    somebody may remove the file of the other lock."""
    claimed: list[tuple[int, int]] = []
    try:
        with stop.postponed():
            claimed.append(_claimed(part, mark, target))
        yield Parts(part, claimed[0][0], mark)
    except BaseException:
        with stop.postponed():
            if claimed and not _done(mark, part):  # nothing that a next run would go on with
                _remove(part)
        raise
    finally:
        for _, lock in claimed:
            os.close(lock)


def _claimed(part: Path, mark: Path, target: Path) -> tuple[int, int]:
    """How many items of it are done, and its lock."""
    try:
        with suppress(FileNotFoundError):
            lock = locks.try_folder(part)
            if done := _done(mark, part):
                return done, lock
            _remove(part)
            os.close(lock)
        part.mkdir(mode=0o700)
        return 0, locks.try_folder(part)
    except (BlockingIOError, FileNotFoundError):  # locked, or taken from us before we could
        raise errors.locked(str(target)) from None


def _refuse_foreign(target: Path, ours: Callable[[os.DirEntry[str]], bool]) -> None:
    """What is exchanged is removed, and somebody may have named their home."""
    if target.exists():
        with os.scandir(target) as entries:
            for entry in entries:
                if entry.name != output.MANIFEST and not ours(entry):
                    raise places.not_only_ours(str(target), entry.name)


def _done(mark: Path, part: Path) -> int:
    """What this boot's page cache has surely seen; of another boot's files some may be empty."""
    try:
        number, _, whose = mark.read_text(encoding="ascii").partition(" ")
        return int(number) if whose == _identity(part) else 0
    except (OSError, ValueError):
        return 0


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
