"""What goes wrong with a node, as frozen dataclasses: more of the nouns of model.py. Nothing here does anything."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Amend:
    """What becomes otherwise of a file that is there; all else of it stays.

    `lines` are regular expressions and what takes the place of what they match, one after the other, ^ and $ at each
    line. `mode` is octal text, `owner` the number of a user.
    """

    lines: tuple[tuple[str, str], ...] = ()
    mode: str | None = None
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One offline change to an image's root file system.

    A file with `content`, or a symbolic link to `link`, or what `amend` makes of the file that is there; with none of
    them the file is removed. `mode` is octal text. `append`: the content comes after what the file has.
    """

    path: str
    content: bytes | None
    mode: str = "0644"
    link: str | None = None
    append: bool = False
    amend: Amend | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """One more partition, at the end of an image's disk, which grows by it.

    `kind` is its type's GUID (Discoverable Partitions Specification), `mib` its size, `head` what it begins with.
    """

    kind: str
    mib: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which a node goes wrong, and exactly the expectations that it must turn red.

    `needs_cloud_init`: it does its harm through cloud-init, so that a boot without it would not see it.
    """

    id: str
    setting: str
    story: str
    edits: tuple[Edit | Partition, ...]
    red: frozenset[str]
    needs_cloud_init: bool = False


class Later(Sequence[Fault]):
    """Faults that are worked out when somebody looks at them: a check or a render never does, and it is most work."""

    def __init__(self, make: Callable[[], Iterable[Fault]]) -> None:
        self._make = make

    @functools.cached_property
    def _faults(self) -> tuple[Fault, ...]:
        return tuple(self._make())

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - one, or those of a slice
        return self._faults[index]

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._faults == tuple(other)

    def __hash__(self) -> int:
        return hash(self._faults)
