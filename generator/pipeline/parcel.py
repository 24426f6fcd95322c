"""What is published of an image: its files, and what is said of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.base import keys
from generator.pipeline import sentences

PUBLISHED = "published.json"
_CHUNK = 1 << 16  # bytes: a cluster of an image


@dataclass(frozen=True, slots=True)
class Parcel:
    """The files of an image, and what is said of them."""

    files: Mapping[str, Path]
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        return keys.named({"files": json.dumps(self.document["files"], sort_keys=True)})

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes, which must be those that were proven, whatever happens to it meanwhile.

        Raises ToolError at the end.
        """
        digest = hashlib.sha256()
        with self.files[name].open("rb") as given:
            for piece in iter(lambda: given.read(_CHUNK), b""):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != self.document["files"][name]:
            raise sentences.changed_on_the_way(str(self.files[name]))


def text(document: Mapping[str, Any]) -> bytes:
    """As published.json has it."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
