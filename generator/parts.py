"""Output of many files: written beside its place, gone on with after a run that was cut off, published when whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from generator import errors, output

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MARK_EVERY = 1000  # items: what a run that was cut off does again


@dataclass(slots=True)
class Parts:
    """A folder that is being filled. `done` is how many items an earlier run, for the same key, has put into it."""

    folder: Path
    done: int
    _mark: Path

    def item(self, number: int) -> None:
        """So many items are there, counted from 1."""
        if number % _MARK_EVERY == 0:
            self._mark.write_text(f"{number} {_boot_id()}", encoding="ascii")


def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()


@contextmanager
def folder(
    target: Path, key: str, manifest: Mapping[str, Any], ours: Callable[[os.DirEntry[str]], bool]
) -> Iterator[Parts]:
    """Fill a folder, then exchange it for what was there before, of which every entry must be `ours`.

    `key` names what will be in it. What goes wrong leaves `target` as it was, and what was written for the next run.
    Raises a refusal where something else is in it, LockedError, ToolError.
    """
    with output.hold(target), output.writing(target):
        _refuse_foreign(target, ours)
        part = target.parent / f".part-{target.name}-{key}"
        mark = Path(f"{part}.done")
        for stale in target.parent.glob(f".part-{target.name}-*"):
            if stale not in (part, mark):
                _remove(stale)
        part.mkdir(mode=0o700, exist_ok=True)
        yield Parts(part, _done(mark), mark)
        output.write(part / output.MANIFEST, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode(), 0o644)
        os.sync()  # one call for all files; a hundred thousand of them cost a minute
        part.chmod(0o755)
        output.exchange(part, target)
        _remove(part)
        mark.unlink(missing_ok=True)


def _refuse_foreign(target: Path, ours: Callable[[os.DirEntry[str]], bool]) -> None:
    """What is exchanged is removed, and somebody may have named their home."""
    if target.exists():
        with os.scandir(target) as entries:
            for entry in entries:
                if entry.name != output.MANIFEST and not ours(entry):
                    raise errors.not_only_ours(str(target), entry.name)


def _done(mark: Path) -> int:
    """What this boot's page cache has surely seen; of another boot's files some may be empty."""
    try:
        number, boot = mark.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return int(number) if boot == _boot_id() and number.isdigit() else 0


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def file(target: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Write one file that takes the place of `target` when it is whole. Raises ToolError.

    If not told otherwise it is for its owner alone. A link stays one. What is no regular file, such as /dev/null, is
    written to as it is.
    """
    with output.writing(target):
        if target.exists() and not target.is_file():
            with target.open("wb") as out:
                yield out
            return
        target = Path(os.path.realpath(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".stage-{target.name}-", dir=target.parent)
        try:
            with open(descriptor, "wb") as out:
                yield out
                out.flush()
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
