"""A small plan of two checks and the proofs that can be made of it, without a boot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.model import Edit, Expect, Fault
from generator.prove.record import Proof, Trial

CHECKS = ("modules.overlay.loaded", "modules.overlay.persisted", "swap.inactive")


def expect(check: str) -> Expect:
    return Expect(check, check.rpartition(".")[0], "sysctl-value", ("vm.swappiness",), "1", f"without {check}")


def fault(name: str, *red: str, cloud_init: bool = False) -> Fault:
    edits = (Edit(f"/etc/{name}", b"broken\n"),)
    return Fault(name, name.partition(".")[0], f"{name} is broken", edits, frozenset(red), needs_cloud_init=cloud_init)


def trial(predicted: str, red: str, name: str = "f", **more: object) -> Trial:
    """Checks by their first letters: l(oaded), p(ersisted), i(nactive)."""
    named = {check.rpartition(".")[2][0]: check for check in CHECKS}
    found = {check: f"found {check}" for check in CHECKS}
    seen = frozenset(named[letter] for letter in red)
    return Trial(fault(name, *(named[letter] for letter in predicted)), seen, found, **more)  # type: ignore[arg-type]


@pytest.fixture
def proof() -> Callable[..., Proof]:
    def make(*trials: Trial, partial: bool = False, seconds: float = 60.0, bare: float | None = None) -> Proof:
        return Proof(
            subject="output/node.qcow2",
            sha256="ab" * 32,
            profile="node",
            profile_sha256="cd" * 32,
            distro="debian-13",
            expects=tuple(map(expect, CHECKS)),
            trials=trials,
            partial=partial,
            host="tcg, 2 side by side",
            seconds=seconds,
            bare=bare,
        )

    return make
