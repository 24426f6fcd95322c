"""nodebake in surroundings that nobody expects: its streams, its limits, its folders and its disk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.reliability.bench import Bench, Choose, Place
from tests.reliability.cases import SUBJECTS, Subject
from tests.reliability.outcome import Outcome, seen

_PAGE = 4096
_STREAMS = {"stdin": "0<", "stdout": "1>", "stderr": "2>"}


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """Of each subject, with each of what `each` has, beside what stands in `how` itself."""
    for name in how["subjects"]:
        subject = SUBJECTS[name]
        for one in choose(_each(bench, subject, how)):
            yield _one(bench, subject, {**how, **one})


def _each(bench: Bench, subject: Subject, how: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Sizes of a disk are tried page by page: from one that has no room at all to one that nearly suffices."""
    if "disk" not in how:
        return how.get("each", [{}])
    kept, _, _ = bench.known(subject)
    used = 0 if how.get("empty") else _pages(kept / how["disk"])
    place = bench.fresh(subject)
    bench.run(place, bench.argv(place, "new"))
    # While the new is written the old still is there.
    return [{"pages": used + more} for more in range(1, max(2, _pages(place.root / how["disk"])))]


def _pages(folder: Path) -> int:
    return sum(-(-path.lstat().st_size // _PAGE) or 1 for path in [folder, *folder.rglob("*")] if not path.is_dir())


def _one(bench: Bench, subject: Subject, how: Mapping[str, Any]) -> Outcome:
    place = bench.fresh(subject, how.get("folder", ""))
    told = {name: how[name] for name in ("pages", "folder", "env", "script", "mode", *_STREAMS) if name in how}
    words = ", ".join([subject.name, *(f"{name} {value}" for name, value in told.items())])
    with _disk(place, how):
        argv = ["sh", "-c", _script(how), "sh", *bench.argv(place, "new")]
        return seen(bench, place, words, bench.run(place, argv, env=how.get("env")))


def _script(how: Mapping[str, Any]) -> str:
    """`full`, `closed` and the like are where a stream goes; `script` is done before."""
    place = {"closed": "&-", "full": "/dev/full"}
    streams = [f"{mark}{place[how[name]]}" for name, mark in _STREAMS.items() if name in how]
    before = f"{how['script']}; " if "script" in how else ""
    pipe = ' "$@" | :' if how.get("pipe") else ""
    return before + (f"set -o pipefail 2>/dev/null;{pipe}" if pipe else f'exec "$@" {" ".join(streams)}')


@contextmanager
def _disk(place: Place, how: Mapping[str, Any]) -> Iterator[None]:
    """A file system of so many pages, with what the folder has or `empty`, in its place. For root alone."""
    if "disk" not in how:
        yield
        return
    folder = place.root / how["disk"]
    kept = folder.with_name(f"{folder.name}.kept")
    shutil.move(folder, kept)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={how['pages'] * _PAGE}", "tmpfs", folder], check=True)
    try:
        if not how.get("empty"):
            shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()
        shutil.move(kept, folder)
