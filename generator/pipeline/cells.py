"""A pipeline's matrix -> its cells: one image each, with the profile that it is made from.

A cell whose base or version is another than its profile says has a profile of its own: the same values, less that one.
It is written out as a file, so that whoever gets the image can hold it against what it was made from.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator import distro, errors, positions
from generator import plan as planning
from generator import profile as profiles
from generator.errors import Finding
from generator.model import Plan
from generator.pipeline import document, places, sentences
from generator.pipeline.document import Base, Pipeline
from generator.sentences import nodes

MOST = 256  # cells: so many jobs has a matrix of GitHub's at most


@dataclass(frozen=True, slots=True)
class Cell:
    """One image. `profile` is the path as the pipeline names it, `base` what its base is called, `raw` its profile.

    `at` is where the pipeline says which base it has, or else which profile.
    """

    id: str
    profile: str
    base: str
    kubernetes: str
    raw: bytes
    plan: Plan
    at: positions.Path = ()


Look = Callable[[Pipeline, Sequence[Cell], bool], Iterable[Finding]]  # the cells, and whether these are all


@dataclass(frozen=True, slots=True)
class _Choice:
    """What one cell is to be; `path` is where the pipeline says so, and `at` where it says which base."""

    profile: str
    base: Base | None
    kubernetes: str | None
    path: positions.Path
    at: positions.Path


@dataclass(slots=True)
class _Reader:
    """Reads each profile once, and keeps what was wrong."""

    pipeline: Pipeline
    findings: list[Finding] = field(default_factory=list)
    read: dict[str, tuple[bytes, profiles.Reading] | None] = field(default_factory=dict)

    def profile(self, name: str) -> tuple[bytes, profiles.Reading] | None:
        """Its bytes, and how it reads; None where something is wrong with it by itself."""
        if name not in self.read:
            raw = self._bytes(name)
            self.read[name] = None if raw is None else self._profile(raw, str(self.pipeline.path(name)))
        return self.read[name]

    def _bytes(self, name: str) -> bytes | None:
        """Where no file can be read there is no line in it to name: the mistake stands in the pipeline."""
        source = str(self.pipeline.path(name))
        try:
            return profiles.bytes_of(source)
        except errors.Refused as refused:
            path = self.pipeline.named(name)
            for finding in refused.findings:
                self.find(path, sentences.no_profile(source, finding.sentence))
            return None

    def _profile(self, raw: bytes, source: str) -> tuple[bytes, profiles.Reading] | None:
        try:
            reading = profiles.of_bytes(raw, source)
        except errors.Refused as refused:
            self.findings.extend(refused.findings)
            return None
        self.findings.extend(reading.document.findings)
        return None if reading.document.findings else (raw, reading)

    def find(self, path: positions.Path, words: tuple[str, str]) -> None:
        """Something wrong with the pipeline itself."""
        self.findings.append(self.pipeline.finding(path, words))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pipeline, all its cells, and what to warn of."""

    pipeline: Pipeline
    cells: tuple[Cell, ...]
    warnings: tuple[Finding, ...]


def load(source: str, look: Look = lambda _pipeline, _cells, _all: ()) -> Loaded:
    """A pipeline with its cells. Raises Refused with everything that is wrong, with it and with its profiles.

    `look` finds what else is wrong, of the cells whose profiles are sound.
    """
    found, pipeline = document.read(source)
    if pipeline is None:
        raise errors.Refused(found.findings)
    reader = _Reader(pipeline)
    if words := places.wrong(pipeline.to):
        reader.find(("publish", "to"), words)
    made = [_cell(reader, choice) for choice in _choices(reader)]
    cells = [cell for cell in made if cell is not None]
    _hold(reader, cells)
    findings = tuple(dict.fromkeys([*reader.findings, *look(pipeline, cells, len(cells) == len(made))]))
    if any(finding.severity == "error" for finding in findings):
        raise errors.Refused(findings)
    return Loaded(pipeline, tuple(cells), findings)


def _hold(reader: _Reader, cells: Sequence[Cell]) -> None:
    """What is wrong with all cells together."""
    for name, count in Counter(cell.id for cell in cells).items():
        if count > 1:
            reader.find(("matrix",), sentences.one_name(name))
    if len(cells) > MOST:
        reader.find(("matrix",), sentences.too_many(len(cells), MOST))
    if not cells and not reader.findings:
        reader.find(("matrix", "exclude"), sentences.NONE_LEFT)


def _choices(reader: _Reader) -> Iterator[_Choice]:
    axes = reader.pipeline.axes
    used: set[int] = set()
    each = itertools.product(enumerate(axes.profiles), enumerate(axes.bases), axes.kubernetes)
    for (number, profile), (place, base), kubernetes in each:
        path = ("matrix", "profiles", number)
        choice = _Choice(profile, base, kubernetes, path, ("matrix", "bases", place) if base else path)
        out = {index for index, row in enumerate(axes.exclude) if _left_out(reader, choice, row)}
        used |= out
        if not out:
            yield choice
    for index in sorted(set(range(len(axes.exclude))) - used):
        if all(reader.profile(name) for name in axes.profiles):
            reader.find(("matrix", "exclude", index), sentences.EXCLUDES_NOTHING)
    for index, row in enumerate(axes.include):
        path = ("matrix", "include", index)
        at = (*path, "base" if "base" in row else "profile")
        yield _Choice(row["profile"], row.get("base"), row.get("kubernetes"), path, at)


def _left_out(reader: _Reader, choice: _Choice, row: Mapping[str, str]) -> bool:
    if "base" in row:
        read = reader.profile(choice.profile)
        if read is None or row["base"] != (_distro(choice.base) if choice.base else read[1].profile.distro):
            return False
    chosen = {"profile": choice.profile, "kubernetes": choice.kubernetes}
    return all(chosen[axis] == value for axis, value in row.items() if axis != "base")


def _distro(base: Base) -> str:
    return base if isinstance(base, str) else str(base.get("distro", distro.DEFAULT))


def _called(base: Base) -> str:
    """A base as part of a name: an image by address by its first digits, too."""
    pinned = "" if isinstance(base, str) else str(base.get("sha256", ""))[:8]
    return "-".join(filter(None, (_distro(base), pinned)))


def _cell(reader: _Reader, choice: _Choice) -> Cell | None:
    read = reader.profile(choice.profile)
    if read is None:
        return None
    raw, reading = read
    written: Mapping[str, Any] = reading.document.value
    own = written.get("base", distro.DEFAULT)
    value = _value(reader, choice, written, own)
    if value is None:
        return None
    if value != written:
        raw = written_out(value)
    plan = _plan(reader, choice, raw, reading)
    if plan is None:
        return None
    base = _called(own if choice.base is None else choice.base)
    version = choice.kubernetes or ""
    name = "-".join(filter(None, (plan.profile.name, base, version)))
    return Cell(name, choice.profile, base, version, raw, plan, choice.at)


def written_out(value: Mapping[str, Any]) -> bytes:
    """Values as a profile's text: JSON, which YAML takes, but for what cannot be seen, which YAML escapes by itself."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    lines = (positions.UNSEEN.sub(lambda one: f"\\U{ord(one[0]):08x}", line) for line in text.split("\n"))
    return ("\n".join(lines) + "\n").encode()


def _value(reader: _Reader, choice: _Choice, written: Mapping[str, Any], own: Base) -> dict[str, Any] | None:
    """The profile's values with those of the matrix; the very same where these are its own."""
    value = dict(written)
    if choice.base is not None and choice.base != own:
        value["base"] = choice.base
    if choice.kubernetes is not None:
        if "kubernetes" not in value:
            reader.find(choice.path, sentences.no_version(choice.profile))
            return None
        value["kubernetes"] = {**value["kubernetes"], "version": choice.kubernetes}
    return value


def _plan(reader: _Reader, choice: _Choice, raw: bytes, reading: profiles.Reading) -> Plan | None:
    """The plan of a cell; what is wrong with it stands where the profile's own file has it."""
    source = reading.document.file
    try:
        plan = planning.of(profiles.of_bytes(raw, source))
    except errors.Refused as refused:
        reader.findings.extend(_placed(finding, choice, reading) for finding in refused.findings)
        return None
    reader.findings.extend(_placed(finding, choice, reading) for finding in plan.warnings)
    if plan.profile.unset:
        unset = nodes.unset(plan.profile.unset)
        reader.findings.append(Finding(source, 1, 1, "", unset.sentence, sentences.DEFAULTS))
        return None
    return plan


def _placed(finding: Finding, choice: _Choice, reading: profiles.Reading) -> Finding:
    """As it is in the file that a person wrote, with what the matrix has put in its place."""
    marks = {positions.pretty(path): mark for path, mark in reading.profile.marks.items()}
    path = finding.path
    while path and path not in marks:
        path = path.rpartition(".")[0]
    line, column = marks.get(path, (1, 1))
    told = sentences.on(finding.sentence, _called(choice.base) if choice.base else "", choice.kubernetes or "")
    return Finding(finding.file, line, column, finding.path, told, finding.hint, finding.severity)
