"""Units of systemd: enabled and started, disabled and stopped, or masked."""

from __future__ import annotations

from generator.model import Expect, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("packages", "files", "modules", "sysctl", "swap", "users", "containerd")


def part(value: dict[str, str], context: Context) -> Part:  # noqa: ARG001
    """From a mapping of units to states."""
    return Part(
        steps=tuple(
            Step(f"unit {unit} is {state}", "services", (f"unit_{state}", unit)) for unit, state in value.items()
        ),
        expects=tuple(_expect(unit, state) for unit, state in value.items()),
    )


def _expect(unit: str, state: str) -> Expect:
    setting = f"services.{unit}"
    want = f"{state} {'running' if state == 'enabled' else 'stopped'}"
    return Expect(f"{setting}.{state}", setting, "unit-enabled", (unit,), want, reason("services", unit).breaks)
