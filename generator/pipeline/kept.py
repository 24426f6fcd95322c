"""What each stage of an image has made, kept under the key of all that determines it.

<cell>/kept/<stage>.json     the key, its parts, and the sha256 of every file that the stage has written

A record is written after those files. It says nothing by being there: a stage counts as done where its key is the one
of today and each of its files still has those bytes. So whatever is killed, edited or lost is only done again. Of a
manifest it is what that says of the image which counts: render writes its list of artefacts, `convert` names forms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import output, regular, whole
from generator.base import keys, seen, why
from generator.base.keys import Looked, Parts

_LARGEST = 4 << 20  # bytes of a record


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a stage: what it was made of, what it has written (by path below the cell), what it told."""

    parts: Parts
    outputs: Mapping[str, str]
    told: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The records of one cell, whose files are in `cell`."""

    cell: Path

    def look(self, stage: str, parts: Parts) -> tuple[Looked, Record | None]:
        """Whether a stage has been done, of exactly this; and why, or why not."""
        key, found = keys.named(parts), self._read(stage)
        if found is None:
            return Looked(stage, key, False, why.FIRST), None
        if names := keys.changed(found.parts, parts):
            return Looked(stage, key, False, why.changed(names)), None
        for name, sha256 in found.outputs.items():
            try:
                same = _digest(self.cell / name) == sha256
            except OSError:
                return Looked(stage, key, False, why.gone(name)), None
            if not same:
                return Looked(stage, key, False, why.other(name)), None
        return Looked(stage, key, True, why.SAME), found

    def save(self, stage: str, parts: Parts, outputs: Sequence[Path], told: str) -> Record:
        """A stage is done. Each file is read once more: what is kept is what lies there."""
        record = Record(parts, {str(path.relative_to(self.cell)): _digest(path) for path in outputs}, told)
        text = json.dumps({"parts": dict(parts), "outputs": dict(record.outputs), "told": told}, indent=1)
        with whole.file(self._path(stage), 0o644, shared=True) as out:
            out.write(f"{text}\n".encode())
        return record

    def _path(self, stage: str) -> Path:
        return self.cell / "kept" / f"{stage}.json"

    def _read(self, stage: str) -> Record | None:
        """What cannot be read is not known."""
        try:
            told: Any = json.loads(regular.read(self._path(stage), _LARGEST))
            parts, outputs = (
                {str(name): str(value) for name, value in told[one].items()} for one in ("parts", "outputs")
            )
            return Record(parts, outputs, str(told["told"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _digest(path: Path) -> str:
    """The sha256 of a file; of a manifest that of what it says of the image. Raises OSError where it is not there."""
    if path.name != output.MANIFEST:
        return seen.digest(path)
    path.stat()
    told = {name: value for name, value in output.read_manifest(path.parent).items() if name != "artefacts"}
    if isinstance(image := told.get("image"), dict):
        told["image"] = {name: value for name, value in image.items() if name != "forms"}
    return keys.digest(json.dumps(told, sort_keys=True))
