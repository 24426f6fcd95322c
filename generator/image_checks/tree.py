"""The root file system of a disk that nobody runs, as its folders say: each is read once."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator, Mapping

from generator import offline
from generator.offline import Disk

_BELOW = "**"


class Tree:
    """What is where. Links to folders are followed, links to files are not. All of it raises ToolError."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._real: dict[str, str | None] = {"": "/"}
        self._inside: dict[str, Mapping[str, str]] = {}

    def matching(self, pattern: str) -> dict[str, str]:
        """The paths that a shell pattern fits, and of what type each is: `directory`, `regular`, `symlink`, `other`.

        In a * no leading dot is meant. A last part ** is all that is below, of any name and at any depth.
        """
        *folders, last = pattern.strip("/").split("/")
        places = [""]
        for part in folders:
            places = [f"{place}/{name}" for place in places for name in self._fitting(place, part)]
        if last == _BELOW:
            found = (path for place in places for path in self._below(place))
        else:
            found = ((f"{place}/{name}", kind) for place in places for name, kind in self._fitting(place, last).items())
        return dict(sorted(found))

    def target(self, path: str) -> str:
        """Where a link leads."""
        return offline.kind(self._disk, path)[1]

    def content(self, path: str) -> bytes:
        """Of a regular file."""
        folder, name = posixpath.split(path)
        return offline.dumped(self._disk, posixpath.join(self._without_links(folder.rstrip("/")) or "/", name))

    def _fitting(self, folder: str, pattern: str) -> dict[str, str]:
        inside = self._names(folder)
        if "*" not in pattern:
            return {pattern: inside[pattern]} if pattern in inside else {}
        return {name: kind for name, kind in inside.items() if _fits(name, pattern)}

    def _below(self, folder: str) -> Iterator[tuple[str, str]]:
        for name, kind in self._names(folder).items():
            yield f"{folder}/{name}", kind
            if kind == "directory":
                yield from self._below(f"{folder}/{name}")

    def _names(self, folder: str) -> Mapping[str, str]:
        if folder not in self._inside:
            real = self._without_links(folder)
            self._inside[folder] = offline.listing(self._disk, real) if real else {}
        return self._inside[folder]

    def _without_links(self, folder: str) -> str | None:
        if folder not in self._real:
            above, name = folder.rsplit("/", 1)
            kind = self._names(above).get(name)
            real = self._without_links(above)
            if kind == "symlink":
                self._real[folder] = offline.folder(self._disk, folder)
            else:
                self._real[folder] = posixpath.join(real, name) if real and kind == "directory" else None
        return self._real[folder]


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) and name.startswith(".") == pattern.startswith(".")
