"""What a guest told: its observations, and what it said when it was asked for more; and what was tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """What one command printed in the guest; `out` is stdout and stderr, cut at a size that observe.sh names."""

    argv: tuple[str, ...]
    code: int
    out: bytes


@dataclass(frozen=True, slots=True)
class Boot:
    """What a guest told of one boot: its boot id, and what it observed, by command.

    `foreign`: its observe.sh was made for another profile's commands, so nothing of what it said was taken. `probed`:
    it ran the probes, too.
    """

    boot_id: str
    observations: Mapping[tuple[str, ...], Observation]
    foreign: bool = False
    probed: bool = True


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a guest told of one boot when it was asked for more, by the names in templates/observer/diagnose.sh."""

    boot: int
    told: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Tested:
    """What was tested, and by what. Digests are sha256 in hex; `when` is UTC, as ISO 8601; "" is what nobody knows."""

    image_sha256: str
    profile_sha256: str
    base: str
    base_sha256: str
    tool: str
    qemu: str
    accelerator: str
    when: str
