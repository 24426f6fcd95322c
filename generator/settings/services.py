"""Units of systemd: enabled and started, disabled and stopped, or masked."""

from __future__ import annotations

import re

from generator.model import Edit, Expect, Fault, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("packages", "files", "modules", "sysctl", "swap", "users", "containerd")
UNITS = "/etc/systemd/system"


def part(value: dict[str, str], context: Context) -> Part:  # noqa: ARG001
    """From a mapping of units to states."""
    return Part(
        steps=tuple(
            Step(f"unit {unit} is {state}", "services", (f"unit_{state}", unit)) for unit, state in value.items()
        ),
        expects=tuple(_expect(unit, state) for unit, state in value.items()),
        faults=tuple(_other(unit, state) for unit, state in value.items()),
    )


def _expect(unit: str, state: str) -> Expect:
    setting = f"services.{unit}"
    want = f"{state} {'running' if state == 'enabled' else 'stopped'}"
    return Expect(f"{setting}.{state}", setting, "unit-enabled", (unit,), want, reason("services", unit).breaks)


def _other(unit: str, state: str) -> Fault:
    """The link that decides it is another one: to /dev/null, or from a target, or there is none any more."""
    setting, own = f"services.{unit}", f"{UNITS}/{unit}"
    template = re.sub(r"@.*(?=[.])", "@", unit)
    kind, edit = {
        "enabled": ("masked", Edit(own, None, link="/dev/null")),
        "disabled": (
            "enabled",
            Edit(f"{UNITS}/multi-user.target.wants/{unit}", None, link=f"/usr/lib/systemd/system/{template}"),
        ),
        "masked": ("unmasked", Edit(own, None)),
    }[state]
    red = frozenset({f"{setting}.{state}"})
    return Fault(f"{setting}.{kind}", setting, f"{unit} is {kind} by somebody else", (edit,), red)
