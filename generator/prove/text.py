"""A proof for people: the matrix, what is wrong in it, and the kill rate."""

from __future__ import annotations

from collections.abc import Iterator

from generator.errors import visible
from generator.prove import matrix
from generator.prove.record import Proof, Trial


def text(proof: Proof, width: int = 100, *, colour: bool = False) -> str:
    """For a terminal of that many columns."""
    lines = [f"{visible(proof.subject)} against {proof.profile}, fault by fault", ""]
    lines += [*matrix.lines(proof, width), "", *findings(proof), *summary(proof, colour=colour)]
    return "\n".join(lines) + "\n"


def findings(proof: Proof) -> Iterator[str]:
    """What is wrong, and nothing else."""
    for trial in proof.trials:
        if trial.verdict != "killed":
            yield f"{trial.verdict}: {trial.fault.id}: {trial.fault.story}"
            yield from (f"    {line}" for line in why(trial))
    breaks = {expect.id: expect.breaks for expect in proof.expects}
    for check in proof.unproven:
        yield f"unproven: {check}: no fault turns it red, so it was not shown that it can fail ({breaks[check]})"


def why(trial: Trial) -> Iterator[str]:
    """In what a prediction was wrong, and what was found instead."""
    if trial.lost:
        yield f"the guest did not come to its end, twice: {visible(trial.lost.splitlines()[0])}"
        return
    yield from (f"{check} stayed green: {found(trial, check)}" for check in trial.missed)
    yield from (f"{check} turned red: {found(trial, check)}" for check in trial.collateral)


def found(trial: Trial, check: str) -> str:
    """A guest's words, so without what a terminal would obey."""
    return visible(trial.found.get(check, "there is no such check"))


def summary(proof: Proof, *, colour: bool = False) -> Iterator[str]:
    """The kill rate, and what it took."""
    word, code = ("ok", "32") if proof.ok else ("FAILED", "1;31")
    word = f"\x1b[{code}m{word}\x1b[0m" if colour else word
    total = len(proof.trials)
    rate = f"{proof.killed} of {total} faults caught exactly as predicted, kill rate {_percent(proof)} %"
    unproven = f"; {len(proof.unproven)} of {len(proof.expects)} checks unproven" if proof.unproven else ""
    yield f"{word}: {rate}{unproven}"
    yield cost(proof)


def _percent(proof: Proof) -> str:
    """Rounded down: 100 only where none is left."""
    return f"{100 * proof.killed // len(proof.trials)}"


def cost(proof: Proof) -> str:
    """Where the time went."""
    known = sum(trial.known for trial in proof.trials)
    read = sum(trial.read and not trial.known for trial in proof.trials)
    words = [f"{known} known from an earlier run"] if known else []
    words += [f"{read} read off the image, without a boot"] if read else []
    if proof.each is not None:
        words.append(f"{proof.booted} booted in {proof.seconds:.0f} s ({proof.host}), {proof.each:.1f} s a fault")
    if proof.bare is not None:
        ratio = f", so {proof.each / proof.bare:.2f} bare boots a fault" if proof.each is not None else ""
        words.append(f"one bare boot {proof.bare:.1f} s{ratio}")
    return "; ".join(words)
