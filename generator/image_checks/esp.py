"""What is on the EFI system partition of a disk that nobody runs, by mtools: no mount, no root."""

from __future__ import annotations

import json
import os

from generator import errors, offline, proc
from generator.model import Observation
from generator.offline import Disk

_KINDS = ("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "EF")  # UEFI 2.10, 5.2.2 and 5.3.3


def observe(disk: Disk, argv: tuple[str, ...]) -> Observation:
    """Which of the paths that the command names are there; a disk without such a partition has none of them.

    One that cannot be read is no clean one. Raises ToolError where there is no mtools.
    """
    _, _, *wanted = argv
    proc.find("mdir")
    try:
        found = [path for offset in offline.partitions(disk.path, *_KINDS) for path in _files(disk, offset)]
    except errors.ToolError as error:
        return Observation(argv, 1, str(error).encode())
    there = {f"{path} of the EFI system partition": {"type": "regular"} for path in found if path in wanted}
    return Observation(argv, 0, json.dumps(there).encode())


def _files(disk: Disk, offset: int) -> list[str]:
    """All paths, in small letters: FAT does not tell them apart."""
    place = f"{disk.path.absolute()}@@{offset}"
    told = proc.run(["mdir", "-i", place, "-/", "-b", "::"], env={**os.environ, "MTOOLS_SKIP_CHECK": "1"})
    return [line.removeprefix("::").lower() for line in told.splitlines()]
