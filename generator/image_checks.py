"""What the host observes of an image that nobody runs: read off its root file system, by the expectations' commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator import checks, errors, offline
from generator.model import Observation, Plan
from generator.offline import Disk

Argv = tuple[str, ...]


def of_image(image: Path, plan: Plan, work: Path) -> Mapping[Argv, Observation]:
    """The observations of a qcow2, through a raw copy below `work` that is gone afterwards. Raises ToolError.

    debugfs reads no qcow2. A copy of 424 MiB took half a second; a FUSE export of QEMU's needs a device and a helper.
    """
    raw = work / "image.raw"
    try:
        return observe(offline.copy(image, raw), plan)
    finally:
        raw.unlink(missing_ok=True)


def observe(disk: Disk, plan: Plan) -> Mapping[Argv, Observation]:
    """The observations of a raw disk, by command. Raises ToolError where there is no root file system to read.

    debugfs finds nothing, too, in what it cannot read: so what is always there is looked for first.
    """
    commands = dict.fromkeys(checks.command(expect) for expect in checks.seen_by("image", plan.expects))
    if commands and not offline.kind(disk, "/etc")[0]:
        raise errors.offline_failed(str(disk.path), "it has no /etc, or is not ext4")
    return {argv: _look(disk, argv) for argv in commands}


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


def _look(disk: Disk, argv: Argv) -> Observation:
    _, what, *patterns = argv
    found = {path: _entry(disk, path, what) for pattern in patterns for path in offline.matching(disk, pattern)}
    return Observation(argv, 0, json.dumps(found).encode())


def _entry(disk: Disk, path: str, what: str) -> dict[str, Any]:
    kind, target = offline.kind(disk, path)
    entry = {"type": kind, "target": target}
    if what == "texts" and kind == "regular":
        content = offline.read(disk, path) or b""
        entry["text"] = content.decode("utf-8", "surrogateescape")
    return entry
