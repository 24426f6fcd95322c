"""What `nodebake prove --format json` printed -> the kill matrix of a report: faults x checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator import errors
from generator.report import sentences

Cell = Literal["killed", "missed", "collateral", ""]
LARGEST = 16 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Trial:
    """A fault, the checks that were to turn red, those that did, and what became of it (killed, survived, ...)."""

    fault: str
    setting: str
    story: str
    predicted: frozenset[str]
    red: frozenset[str]
    outcome: str
    seconds: float

    def cell(self, check: str) -> Cell:
        """Red as predicted, predicted and green, red without a prediction, or nothing."""
        if check in self.predicted:
            return "killed" if check in self.red else "missed"
        return "collateral" if check in self.red else ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every trial on one image. `unproven` are the checks without a fault."""

    image_sha256: str
    profile: str
    checks: tuple[str, ...]
    trials: tuple[Trial, ...]
    unproven: tuple[str, ...]
    host: str

    @property
    def killed(self) -> int:
        return sum(trial.outcome == "killed" for trial in self.trials)

    @property
    def rate(self) -> int:
        """Per cent, rounded down: 100 only where none is left."""
        return 100 * self.killed // len(self.trials) if self.trials else 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The checks, and those that only trials name."""
        named = sorted(check for trial in self.trials for check in trial.predicted | trial.red)
        return tuple(dict.fromkeys((*self.checks, *named)))


def read(source: str, text: str) -> Matrix:
    """`source` is the file's name. Raises a usage error for what is no such result."""
    try:
        told = json.loads(text)
        return Matrix(
            image_sha256=str(told["image_sha256"]),
            profile=str(told["profile"]),
            checks=tuple(map(str, told["checks"])),
            trials=tuple(_trial(one) for one in told["trials"]),
            unproven=tuple(map(str, told["unproven"])),
            host=str(told["host"]),
        )
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
        raise errors.usage(*sentences.no_proof(source, _why(error))) from None


def _trial(told: Mapping[str, Any]) -> Trial:
    predicted, red = (frozenset(map(str, told[key])) for key in ("predicted", "red"))
    fault, setting, story, verdict = (str(told[key]) for key in ("fault", "setting", "story", "verdict"))
    return Trial(fault, setting, story, predicted, red, verdict, float(told["seconds"]))


def _why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
