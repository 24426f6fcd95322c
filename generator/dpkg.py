"""The packages of an image, from dpkg's own record of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

STATUS = "/var/lib/dpkg/status"
INFO = "/var/lib/dpkg/info"
_MERGED = ("/bin/", "/sbin/", "/lib/", "/lib64/")
_NAMES = ("Package", "Version", "Architecture")
_INSTALLED = "installed"  # the last word of a Status that is whole


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A binary package as it is installed."""

    name: str
    version: str
    architecture: str

    @property
    def row(self) -> str:
        """As dpkg-query prints it for packages.tsv."""
        return f"{self.name}\t{self.version}\t{self.architecture}"


def installed(status: bytes) -> tuple[Package, ...]:
    """The packages that are installed according to `status`, the file STATUS, in order."""
    found = paragraphs(status.decode("utf-8", "replace"))
    return tuple(sorted(of(one) for one in found if one.get("Status", "").split(" ")[-1] == _INSTALLED))


def paragraphs(text: str) -> Iterator[Mapping[str, str]]:
    """The fields of each paragraph of a text such as STATUS."""
    return (_fields(paragraph) for paragraph in text.split("\n\n"))


def of(fields: Mapping[str, str]) -> Package:
    """The package that a paragraph is about."""
    return Package(*(fields.get(name, "") for name in _NAMES))


def owned(lists: Iterable[bytes]) -> frozenset[str]:
    """The paths that packages brought, from the files of INFO that end with .list."""
    return frozenset(canonical(os.fsdecode(path)) for content in lists for path in content.split(b"\n") if path)


def canonical(path: str) -> str:
    """Where a path is on a merged /usr, which dpkg's record does not know of."""
    return f"/usr{path}" if path.startswith(_MERGED) else path


def listing(packages: tuple[Package, ...]) -> bytes:
    """One package a line: the same packages give the same bytes."""
    return "".join(f"{package.row}\n" for package in sorted(packages)).encode()


def _fields(paragraph: str) -> Mapping[str, str]:
    """The fields of one line; a line that goes on with one begins with a blank, and is of no use here."""
    rows = (line.partition(":") for line in paragraph.splitlines() if line[:1] not in (" ", "\t", ""))
    return {name: value.strip() for name, _, value in rows}
