"""packages.tar: a distribution's packages, installed by mmdebstrap, as one archive that all its variants share."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

from generator import errors, proc, progress
from generator.base import archive, cache, keys, namespace, sources
from generator.base.cache import Entry
from generator.base.sources import Source
from generator.model import Distro

TAR = "packages.tar"
LIST = "packages.tsv"
EPOCH = "epoch"
_SHOWN, _TOLD = "archive.txt", "releases.txt"  # archive.sh writes them
_HERE = Path(__file__).resolve().parent
_RECIPE = tuple(_HERE / name for name in ("archive.py", "archive.sh", "packages.py", "packages.sh", "sources.py"))
_NEED_MIB = 3000  # packages.tar, the unpacked tree, the raw disk and the image, all at once


def obtain(task: progress.Task, distro: Distro, where: tuple[Source, ...], *, refresh: bool) -> Entry:
    """The folder with TAR, the LIST of what is in it, where that came from (archive.py), and the EPOCH of its age."""
    key = keys.key(_RECIPE, distro.suite, distro.packages, where)
    return cache.obtain(f"{distro.id}-packages-{key}", functools.partial(_make, task, distro, where), refresh=refresh)


def _make(task: progress.Task, distro: Distro, where: tuple[Source, ...], stage: Path) -> None:
    free = shutil.disk_usage(stage).free >> 20
    if free < _NEED_MIB:
        raise errors.no_room(os.fspath(stage.parent), _NEED_MIB, free)
    namespace.prefix()  # says better than mmdebstrap why an ordinary user cannot go on
    epoch = sources.epoch(where)
    env = {"SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8"}
    proc.run(_argv(distro, where, stage), env=env, on_line=_stages(task))
    (stage / EPOCH).write_text(f"{epoch}\n", encoding="utf-8")
    _trace(stage)


def _trace(stage: Path) -> None:
    """Keep of what apt told only what is needed."""
    shown, told = (stage / _SHOWN, stage / _TOLD)
    try:
        rows = archive.packages(shown.read_text(encoding="utf-8"), (stage / LIST).read_text(encoding="utf-8"))
    except ValueError as error:
        raise errors.no_sums(str(error)) from None
    (stage / archive.PACKAGES).write_text(rows, encoding="utf-8")
    (stage / archive.RELEASES).write_text(archive.releases(told.read_text(encoding="utf-8")), encoding="utf-8")
    shown.unlink()
    told.unlink()


def _argv(distro: Distro, where: tuple[Source, ...], stage: Path) -> list[str]:
    hook, trace = ((_HERE / name).read_text(encoding="utf-8") for name in ("packages.sh", "archive.sh"))
    return [
        "mmdebstrap",
        f"--mode={namespace.mode()}",
        "--variant=minbase",
        "--architectures=amd64",
        "--format=tar",
        f"--include={','.join(distro.packages)}",
        f"--customize-hook={hook}",
        f"--customize-hook={trace}",
        *(f"--customize-hook=download /{name} {shlex.quote(str(stage / name))}" for name in (LIST, _SHOWN, _TOLD)),
        f'--customize-hook=rm "$1/{_SHOWN}" "$1/{_TOLD}"',
        distro.suite,
        str(stage / TAR),
        *(line for source in where for line in source.lines()),
    ]


def _stages(task: progress.Task) -> Callable[[str], None]:
    def see(line: str) -> None:
        if line.startswith("I: ") and line.endswith("..."):
            task.say(line[3:-3])

    return see
