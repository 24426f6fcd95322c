"""Kernel modules: what templates/modules/functions/look.sh prints of them, judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from generator import render
from generator.checks.kind import Check, Judgement, Told, failed, text
from generator.model import Expect, Observation

ABSENT = "absent"
# Where system-validators of kubeadm's preflight looks, validators/kernel_validator.go.
_KERNEL_CONFIG = (
    'k=$(uname -r); for f in /proc/config.gz "/boot/config-$k" "/usr/src/linux-$k/.config" "/usr/src/linux/.config" '
    '"/usr/lib/modules/$k/config" "/usr/lib/kernel/config-$k" "/lib/modules/$k/build/.config"; do '
    '[ ! -r "$f" ] || { echo "$f"; exit; }; done; echo "no kernel config (/boot/config-$k)"; exit 1'
)


@dataclass(frozen=True, slots=True)
class State:
    """`now` is loaded, built in or absent; `obstacles` name places and texts: FILE:LINE: blacklist NAME."""

    now: str
    obstacles: tuple[str, ...]


def command(names: tuple[str, ...]) -> tuple[str, ...]:
    """Look at all of them at once: one process in the guest, whatever their number."""
    return ("sh", "-c", f'{render.raw("modules/functions/look.sh")}modules_look "$@"', "sh", *names)


def read(printed: str, name: str) -> State | None:
    """The state of one module; None where nothing was said of it."""
    lines = printed.splitlines()
    now = [line.removeprefix(f"{name} is ") for line in lines if line.startswith(f"{name} is ")]
    obstacles = (line.removeprefix(f"{name} not: ") for line in lines if line.startswith(f"{name} not: "))
    return State(now[0], tuple(dict.fromkeys(obstacles))) if now else None


def _judged(judge: Callable[[State], Judgement]) -> Callable[[Expect, Observation], Judgement]:
    def judged(expect: Expect, observation: Observation) -> Judgement:
        state = read(text(observation), expect.args[0])
        return judge(state) if state else failed(observation)

    return judged


def _loaded(state: State) -> Judgement:
    causes = "; ".join(state.obstacles) or "nothing forbids it, nobody loaded it"
    return (False, f"not loaded: {causes}") if state.now == ABSENT else (True, state.now)


def _loadable(state: State) -> Judgement:
    return not state.obstacles, "; ".join(state.obstacles) or "nothing forbids it"


def _obstacles(expect: Expect, told: Told) -> Iterator[str]:
    """What forbids it; without that, that something had to load it and did not."""
    printed = told.observations.get(command(expect.args[1:]))
    state = read(text(printed), expect.args[0]) if printed else None
    if state is None:
        return
    yield from state.obstacles
    if state.now == ABSENT and not state.obstacles:
        yield "nothing forbids it: no file in modules-load.d lists it, or it was taken out again"


def _printed(_expect: Expect, observation: Observation) -> Judgement:
    """The command succeeds; what it printed is what was found."""
    return observation.code == 0, text(observation).strip() or "nothing"


KINDS: Mapping[str, Check] = {
    "module-loaded": Check(lambda _name, *names: command(names), _judged(_loaded), why=_obstacles),
    "module-loadable": Check(lambda _name, *names: command(names), _judged(_loadable), why=_obstacles),
    "kernel-config": Check(lambda: ("sh", "-c", _KERNEL_CONFIG), _printed),
}
