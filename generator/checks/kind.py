"""What a kind of check is, and what its judges share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from generator.model import Expect, Observation

Witness = Literal["guest", "image", "segment"]
Judgement = tuple[bool, str]  # whether it holds, and what was found


def _nothing(*_arguments: str) -> tuple[str, ...]:
    return ()


def first(path: str, *_more: str) -> tuple[str, ...]:
    """Of a kind that watches its first argument."""
    return (path,)


@dataclass(frozen=True, slots=True)
class Told:
    """All that a node told of one boot: its observations, and what it was asked for after it was judged, by name."""

    observations: Mapping[tuple[str, ...], Observation]
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """`observe` makes the command from the expectation's arguments; `judge` reads what it printed.

    A command changes nothing, but for a probe's: that one acts on the node, and takes back what it did. So it is run
    only where somebody asks for it (observe.sh --probes), and those of one `lane` one after the other: each meets what
    another of them does. `at_build` is whether the guest of a build is judged by it
    too, before any reboot: where the steps cannot see what the next boot will bring. `remedy` is what to do then.
    `watches` makes of the arguments the paths of which any change is one for the worse; `rests_on` those that must not
    go or be another file.
    `why` looks for the causes of a failure in all that the node told, the likeliest first.

    `witness` says who observes: the node itself, or the host, of the raw image that nobody runs or of the segment on
    which its clones are. What the host observes has a command, too, which names it and which nobody starts.
    """

    observe: Callable[..., tuple[str, ...]]
    judge: Callable[[Expect, Observation], Judgement]
    probe: bool = False
    lane: Literal[1, 2] = 1
    at_build: bool = False
    remedy: str = ""
    why: Callable[[Expect, Told], Iterable[str]] | None = None
    witness: Witness = "guest"
    watches: Callable[..., tuple[str, ...]] = _nothing
    rests_on: Callable[..., tuple[str, ...]] = _nothing


def text(observation: Observation) -> str:
    return observation.out.decode("utf-8", "replace")


def failed(observation: Observation) -> Judgement:
    """The command did not succeed; its last line says why."""
    last = (text(observation).strip().splitlines() or ["nothing printed"])[-1]
    return False, f"{observation.argv[0]} failed with exit code {observation.code}: {last}"
