"""Probes of behaviour: what the scripts of templates/probes say of a topic: TOPIC holds: WHAT, or TOPIC fails: WHY."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from generator import render
from generator.checks.kind import Check, Judgement, failed, text
from generator.model import Expect, Observation

# What a probe is run by, and the package that brings it where timeout(1) does not find it.
_PACKAGES = {"perl": "perl-base", "unshare": "util-linux"}
_NOT_FOUND = 127
_NETWORK = ("nftables.pl", "pods.pl", "topics.pl", "network.pl")
_ASIDE: Final = 2  # nothing of it is the network's
_MORE_FILES = 'ulimit -n 20000; exec "$@"'


def _text(*names: str) -> str:
    return "".join(render.raw(f"probes/{name}") for name in names)


def _judge(topic: Callable[..., str]) -> Callable[[Expect, Observation], Judgement]:
    def judged(expect: Expect, observation: Observation) -> Judgement:
        said = text(observation).splitlines()
        for verdict, holds in ((f"{topic(*expect.args)} holds: ", True), (f"{topic(*expect.args)} fails: ", False)):
            if found := [line.removeprefix(verdict) for line in said if line.startswith(verdict)]:
                return holds, found[-1]
        return _not_run(observation)

    return judged


def _not_run(observation: Observation) -> Judgement:
    program = next((name for name in _PACKAGES if name in observation.argv), "")
    if observation.code == _NOT_FOUND and program:
        return False, f"{program} is not on the node: the package {_PACKAGES[program]} brings it"
    return failed(observation)


def _first(topic: str, *_more: str) -> str:
    return topic


def _network(_topic: str, version: str, *topics: str) -> tuple[str, ...]:
    return ("perl", "-e", _text(*_NETWORK), version, *topics)


def _overlay() -> tuple[str, ...]:
    return ("unshare", "--mount", "sh", "-c", _text("overlay.sh"), "overlay.sh")


def _limit(topic: str, _wanted: str) -> tuple[str, ...]:
    return ("sh", "-c", _MORE_FILES, "sh", "perl", "-e", _text("limits.pl"), topic)


def _as_much(expect: Expect, observation: Observation) -> Judgement:
    """At least as much as is wanted, or as the probe goes: limits.pl knows how far that is."""
    topic, wanted = expect.args
    found = re.search(rf"^{topic}: ((\d+) of (\d+) .*)$", text(observation), re.M)
    if found is None:
        return _not_run(observation)
    return int(found[2]) >= min(int(wanted), int(found[3])), found[1]


def _shell(name: str) -> Callable[..., tuple[str, ...]]:
    return lambda *arguments: ("sh", "-c", _text(name), name, *arguments)


KINDS: Mapping[str, Check] = {
    "network-probe": Check(_network, _judge(_first), probe=True),
    "overlay-probe": Check(_overlay, _judge(lambda: "overlay"), probe=True, lane=_ASIDE),
    "limit-probe": Check(_limit, _as_much, probe=True, lane=_ASIDE),
    "link-probe": Check(_shell("link.sh"), _judge(_first), probe=True),
    "swap-probe": Check(_shell("swap.sh"), _judge(_first), probe=True, lane=_ASIDE),
    "swapping-probe": Check(_shell("swapping.sh"), _judge(lambda: "swapping"), probe=True, lane=_ASIDE),
}
