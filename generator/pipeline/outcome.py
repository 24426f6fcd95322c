"""What became of an image in one run: stage by stage. Travels as JSON from the process that made it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.base.keys import Looked

STAGES = ("check", "render", "build", "verify", "prove", "attest", "publish")
Status = Literal["done", "kept", "failed"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. `kept`: nothing has changed, so nothing was done. `key` is of what it was looked for under.

    `told` is what there is to say of it in figures, or the sentence of a failure; `reason` why it was done or not.
    """

    name: str
    status: Status
    told: str = ""
    seconds: float = 0.0
    key: str = ""
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One cell's. `place` is where its image is published, "" where it is not; `looks` are those for its layers."""

    cell: str
    profile: str
    base: str
    kubernetes: str
    stages: tuple[Stage, ...] = ()
    looks: tuple[Looked, ...] = ()
    image_sha256: str = ""
    size: int = 0
    folder: str = ""
    place: str = ""
    code: int = 0

    @property
    def ok(self) -> bool:
        """Whether every stage that was asked for has come to its end; without a stage nothing has."""
        return bool(self.stages) and self.code == 0 and self.failure is None

    @property
    def failure(self) -> Stage | None:
        return next((stage for stage in self.stages if stage.status == "failed"), None)

    @property
    def unchanged(self) -> bool:
        """Whether nothing was done but looking."""
        return self.ok and all(stage.status == "kept" for stage in self.stages if stage.name != "check")

    def stage(self, name: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.name == name), None)


def as_data(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """The keys are a contract."""
    return [{**dataclasses.asdict(one), "ok": one.ok} for one in outcomes]


def of_data(told: Mapping[str, Any]) -> Outcome:
    """Back from data. Raises KeyError and TypeError for what is none."""
    fields = {name: value for name, value in told.items() if name != "ok"}
    stages = tuple(Stage(**stage) for stage in fields.pop("stages"))
    looks = tuple(Looked(**looked) for looked in fields.pop("looks"))
    return Outcome(**fields, stages=stages, looks=looks)
