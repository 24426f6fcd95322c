"""Which faults --only means."""

from __future__ import annotations

import pytest

from generator import errors
from generator.prove.choice import chosen
from tests.prove.conftest import fault

FAULTS = tuple(
    map(fault, ("modules.overlay.gone", "modules.overlay.forbidden", "swap.fstab.back", "sysctl.net.a[0].x"))
)


@pytest.mark.parametrize(
    ("globs", "names"),
    [
        (None, [one.id for one in FAULTS]),
        (["*"], [one.id for one in FAULTS]),
        (["swap.fstab.back"], ["swap.fstab.back"]),
        (["swap.*", "modules.*.gone"], ["modules.overlay.gone", "swap.fstab.back"]),  # in the plan's order
        (["modules.overlay.gone", "*.gone"], ["modules.overlay.gone"]),
        (["sysctl.net.a[[]0].x"], ["sysctl.net.a[0].x"]),
    ],
)
def test_chosen(globs: list[str] | None, names: list[str]) -> None:
    assert [one.id for one in chosen(FAULTS, globs)] == names


@pytest.mark.parametrize(
    ("globs", "sentence", "hint"),
    [
        (["swap.fstab.bak"], "no fault of this profile is called 'swap.fstab.bak'", "did you mean swap.fstab.back?"),
        (["swap.*", "*gne*"], "no fault of this profile is called '*gne*'", "`nodebake explain`"),
        (["forbidden"], "no fault of this profile is called 'forbidden'", "did you mean modules.overlay.forbidden?"),
        (["Swap.*"], "no fault of this profile is called 'Swap.*'", "explain"),
        ([""], "no fault of this profile is called ''", "explain"),
    ],
)
def test_refused(globs: list[str], sentence: str, hint: str) -> None:
    with pytest.raises(errors.NodebakeError) as caught:
        chosen(FAULTS, globs)
    assert (caught.value.exit_code, caught.value.sentence) == (errors.REFUSED, sentence)
    assert hint in caught.value.hint


@pytest.mark.parametrize("globs", [None, ["*"]])
def test_no_faults_are_no_proof(globs: list[str] | None) -> None:
    with pytest.raises(errors.CheckFailed, match="yields no fault, so nothing was proven"):
        chosen((), globs)
