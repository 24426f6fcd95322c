"""swap: disabled. No swap now, and nothing that turns it on."""

from __future__ import annotations

from generator import probes
from generator.model import Edit, Expect, Fault, File, Part, Step
from generator.reasons import reason
from generator.settings import Context
from generator.settings.swap import faults, limited, others


def part(context: Context) -> Part:
    """Of what others do, and swap.target, which pulls in most of it."""
    kubelet = File(others.KUBELET, others.rendered("kubelet-guard.conf.j2", context, guard=others.GUARD))
    common = others.part("disabled", "", kubelet, context)
    row = reason("swap", "disabled")
    return Part(
        files=common.files,
        steps=(
            Step("mask swap.target", "swap", ("linked_to_null", others.TARGET), why=row.why),
            Step(f"remove {limited.UNIT}, if there is one", "swap", ("unit_absent", limited.UNIT)),
            Step("remove what else limited swap left", "swap", ("files_absent", limited.SCRIPT, limited.CONFIG)),
            *common.steps,
        ),
        expects=(
            Expect("swap.inactive", "swap", "no-swap", (), "no swap is on", row.breaks),
            Expect("swap.target", "swap", "unit-load-state", ("swap.target",), "masked", row.breaks),
            *common.expects,
            *probes.expects("swap", "disabled", context.profile.settings),
        ),
        faults=(
            _unmasked(),
            faults.turned_on("swap.inactive", "swap.kubelet-finds"),
            faults.asked_for("swap.fstab", "swap.swapon", "swap.kubelet-finds"),
            *faults.unheld("swap.inactive", "swap.target", "swap.kubelet-finds"),
            *faults.unmasked("swap.inactive", "swap.target", "swap.kubelet-finds"),
            *common.faults,
        ),
    )


def _unmasked() -> Fault:
    edits = (Edit(others.TARGET, None),)
    return Fault("swap.target.unmasked", "swap", "swap.target is unmasked", edits, frozenset({"swap.target"}))
