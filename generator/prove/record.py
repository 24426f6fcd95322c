"""What became of each fault, and what that says of the checks. Does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator import judge
from generator.model import Boot, Expect, Fault, Observation, Plan

# How the checks of a boot that was judged count as red: what is blocked failed only because something else did.
RED = ("fail", "unobserved")


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault, and what was seen of it.

    `red` are the checks that turned red, `found` is what each check found, `lost` why the guest did not come to its end
    (every check is red then). Seconds are by the clock, and QEMU's of a CPU. `known`: an earlier run saw it. `read`: no
    check of a boot was predicted to turn red, and it was read off the raw image without one.
    """

    fault: Fault
    red: frozenset[str]
    found: Mapping[str, str] = field(default_factory=dict)
    lost: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    known: bool = False
    read: bool = False

    @property
    def missed(self) -> tuple[str, ...]:
        """Predicted, and it stayed green."""
        return tuple(sorted(self.fault.red - self.red))

    @property
    def collateral(self) -> tuple[str, ...]:
        """Red, and nobody predicted it."""
        return tuple(sorted(self.red - self.fault.red))

    @property
    def verdict(self) -> str:
        """killed (exactly what was predicted), survived (nothing caught it), or how the prediction was wrong."""
        if not self.red:
            return "survived"
        wrong = (("missed", self.missed), ("collateral", self.collateral))
        return "+".join(word for word, checks in wrong if checks) or "killed"


@dataclass(frozen=True, slots=True)
class Proof:
    """All trials on one image.

    `partial`: only some faults were asked for, so nothing is said of checks without one. `seconds` are those of the
    boots of this run side by side, `bare` those of one boot that nobody watches, where it was measured.
    """

    subject: str
    sha256: str
    profile: str
    profile_sha256: str
    distro: str
    expects: tuple[Expect, ...]
    trials: tuple[Trial, ...]
    partial: bool
    host: str
    seconds: float
    bare: float | None = None

    @property
    def unproven(self) -> tuple[str, ...]:
        """Checks that no fault is predicted to turn red: that they can fail was not shown."""
        proven = frozenset().union(*(trial.fault.red for trial in self.trials))
        return () if self.partial else tuple(expect.id for expect in self.expects if expect.id not in proven)

    @property
    def killed(self) -> int:
        return sum(trial.verdict == "killed" for trial in self.trials)

    @property
    def booted(self) -> int:
        """How many faults were booted in this run."""
        return sum(not (trial.known or trial.read) for trial in self.trials)

    @property
    def each(self) -> float | None:
        """Seconds a fault in this run, all that it did divided by the faults that it booted."""
        return self.seconds / self.booted if self.booted else None

    @property
    def ok(self) -> bool:
        """Without a fault nothing was proven."""
        return bool(self.trials) and self.killed == len(self.trials) and not self.unproven


def judged(
    plan: Plan, boots: Sequence[Boot | None], image: Mapping[tuple[str, ...], Observation]
) -> tuple[frozenset[str], Mapping[str, str]]:
    """The checks that are red in what was seen, of the boots and of the raw image, and what each of them found."""
    verdicts = [*judge.image(plan, image), *(verdict for boot in boots for verdict in judge.boots(plan, [boot]))]
    red = frozenset(verdict.expect.id for verdict in verdicts if verdict.status in RED)
    return red, {verdict.expect.id: verdict.found for verdict in verdicts}
