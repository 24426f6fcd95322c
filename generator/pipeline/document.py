"""A pipeline file -> Pipeline: read as strictly as a profile, by the same rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from generator import positions, schema
from generator import profile as profiles
from generator.errors import Finding
from generator.sentences import Words

KIND = "pipeline"
BOOTS = 2
Base = str | Mapping[str, Any]  # as a profile writes it


@dataclass(frozen=True, slots=True)
class Axes:
    """What the matrix says. A base or a version that is None is what the profile says itself."""

    profiles: tuple[str, ...]
    bases: tuple[Base | None, ...] = (None,)
    kubernetes: tuple[str | None, ...] = (None,)
    exclude: tuple[Mapping[str, str], ...] = ()
    include: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that passed its schema. `faults` are patterns, none where nothing is proven; "" is what is not asked.

    `folder` is where its file lies, from which its paths go, and `marks` says where each path of it stands.
    """

    name: str
    source: str
    folder: Path
    axes: Axes
    boots: int
    faults: tuple[str, ...]
    key: str
    to: str
    marks: Mapping[positions.Path, tuple[int, int]]

    def place(self, path: positions.Path) -> tuple[int, int]:
        """Where something stands, or the nearest thing above it: (line, column)."""
        nearest = (path[:length] for length in range(len(path), 0, -1))
        return next((self.marks[above] for above in nearest if above in self.marks), (1, 1))

    def finding(self, path: positions.Path, words: Words) -> Finding:
        """Something wrong with it, at its place."""
        return Finding(self.source, *self.place(path), positions.pretty(path), *words)

    def named(self, profile: str) -> positions.Path:
        """Where it names a profile first."""
        if profile in self.axes.profiles:
            return "matrix", "profiles", self.axes.profiles.index(profile)
        rows = [row["profile"] for row in self.axes.include]
        return "matrix", "include", rows.index(profile), "profile"

    def path(self, name: str) -> Path:
        """A path that it names."""
        return self.folder / name

    @property
    def published(self) -> Path | None:
        """The folder of all that is published, exchanged in one step; None where `to` is a URL for fsspec, or empty."""
        scheme, is_url, rest = self.to.partition("://")
        if is_url:
            return Path("/", unquote(rest.partition("/")[2])) if scheme.lower() == "file" else None
        return self.path(self.to) if self.to else None


def read(source: str) -> tuple[positions.Document, Pipeline | None]:
    """What is wrong with a file, and the pipeline, if nothing is. Raises Refused only for what is no text."""
    raw = profiles.bytes_of(source)
    document = positions.parse(profiles.text_of(raw, source), source, KIND)
    if document.value is not None or not document.findings:
        schema.validate(document)
    return document, None if document.findings else _pipeline(document)


def _pipeline(document: positions.Document) -> Pipeline:
    value: dict[str, Any] = document.value
    return Pipeline(
        name=value["name"],
        source=document.file,
        folder=Path(document.file).parent if document.file != "-" else Path(),
        axes=_axes(value["matrix"]),
        boots=value.get("verify", {}).get("boots", BOOTS),
        faults=tuple(value.get("prove", {}).get("faults", ())),
        key=value.get("attest", {}).get("key", ""),
        to=value.get("publish", {}).get("to", ""),
        marks={**document.marks, **document.keys},
    )


def _axes(matrix: Mapping[str, Any]) -> Axes:
    def all_of(axis: str) -> Sequence[Any]:
        return matrix.get(axis) or (None,)

    return Axes(
        profiles=tuple(matrix["profiles"]),
        bases=tuple(all_of("bases")),
        kubernetes=tuple(all_of("kubernetes")),
        exclude=tuple(matrix.get("exclude", ())),
        include=tuple(matrix.get("include", ())),
    )
