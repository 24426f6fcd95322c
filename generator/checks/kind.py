"""What a kind of check is, and what its judges share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.model import Expect, Observation

Judgement = tuple[bool, str]  # whether it holds, and what was found


def _nothing(*_arguments: str) -> tuple[str, ...]:
    return ()


def first(path: str, *_more: str) -> tuple[str, ...]:
    """Of a kind that watches its first argument."""
    return (path,)


@dataclass(frozen=True, slots=True)
class Check:
    """`observe` makes the command from the expectation's arguments; `judge` reads what it printed.

    A command changes nothing, but for a probe's: that one acts on the node, and takes back what it did. So it is run
    only where somebody asks for it (observe.sh --probes). `at_build` is whether the guest of a build is judged by it
    too, before any reboot: where the steps cannot see what the next boot will bring. `remedy` is what to do then.
    `watches` makes of the arguments the paths of which any change is one for the worse; `rests_on` those that must not
    go or be another file.
    """

    observe: Callable[..., tuple[str, ...]]
    judge: Callable[[Expect, Observation], Judgement]
    probe: bool = False
    at_build: bool = False
    remedy: str = ""
    watches: Callable[..., tuple[str, ...]] = _nothing
    rests_on: Callable[..., tuple[str, ...]] = _nothing


def text(observation: Observation) -> str:
    return observation.out.decode("utf-8", "replace")


def failed(observation: Observation) -> Judgement:
    """The command did not succeed; its last line says why."""
    last = (text(observation).strip().splitlines() or ["nothing printed"])[-1]
    return False, f"{observation.argv[0]} failed with exit code {observation.code}: {last}"
