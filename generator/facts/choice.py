"""What a profile says of its Kubernetes, with choice.yaml's defaults, and the conditions that rows put on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.facts import read, versions
from generator.facts.versions import Version


@dataclass(frozen=True, slots=True)
class Choice:
    """One combination. A key that was not chosen yet, while the defaults are looked for, is empty."""

    version: Version
    cni: str
    proxy: str = ""
    ip: tuple[str, ...] = ()
    swap: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A condition: each key that is not empty must hold. `ip` holds if the choice has one of its families."""

    cni: tuple[str, ...] = ()
    proxy: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    swap: tuple[str, ...] = ()
    feature: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def holds(self, choice: Choice) -> bool:
        """Whether the condition holds for a combination."""
        named = ((self.cni, choice.cni), (self.proxy, choice.proxy), (self.swap, choice.swap))
        return (
            all(not wanted or chosen in wanted for wanted, chosen in named)
            and (not self.ip or bool(set(self.ip) & set(choice.ip)))
            and all(versions.stage(name, choice.version) in stages for name, stages in self.feature.items())
        )

    @property
    def subject(self) -> str:
        """The key of `kubernetes` that the condition is about first, or "" for one that is about all nodes."""
        named = {"cni": self.cni, "proxy": self.proxy, "ip": self.ip, "swap": self.swap, "version": self.feature}
        return next((key for key, wanted in named.items() if wanted), "")


def when(row: Mapping[str, Any]) -> When:
    """From the `when` of a row, if it has one."""
    wanted: Mapping[str, Any] = row.get("when", {})
    return When(
        cni=tuple(wanted.get("cni", ())),
        proxy=tuple(wanted.get("proxy", ())),
        ip=tuple(wanted.get("ip", ())),
        swap=tuple(wanted.get("swap", ())),
        feature=wanted.get("feature", {}),
    )


def of(value: Mapping[str, Any]) -> Choice:
    """From the value of the setting, which has passed its schema."""
    chosen = Choice(versions.parse(value["version"]), value["cni"])
    return dataclasses.replace(
        chosen,
        proxy=_said("proxy", value, chosen),
        ip=tuple(_said("ip", value, chosen)),
        swap=_said("swap", value, chosen),
    )


def defaults(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows that stand for the keys which the setting leaves out: each has key, value, why and source."""
    chosen = Choice(versions.parse(value["version"]), value["cni"])
    yield from (_row(key, chosen) for key in ("proxy", "ip", "swap") if key not in value)


def _said(key: str, value: Mapping[str, Any], chosen: Choice) -> Any:  # noqa: ANN401 - text, or a list of it
    return value[key] if key in value else _row(key, chosen)["value"]


def _row(key: str, chosen: Choice) -> Mapping[str, Any]:
    return next(row for row in read("choice") if row["key"] == key and when(row).holds(chosen))
