"""What changes on the node between two profiles: what must be observed, and the files; not the text of the profiles.

What their settings yield is asked for once more, from the expanded values in one spelling and one order, without the
profiles' names and digests: what still differs then differs on the node. The order of the keys, defaults that are
written out, and a preset against the same values written by hand are no difference.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator import names, overview, settings
from generator.checks import is_probe
from generator.model import BasePin, Plan

Place = tuple[str, str]  # stem, key
_NOT_CHECKED = "nothing of it is checked"


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is base, setting, file or step. `before` and `after` are empty where there is nothing.

    `by` is who says so in the second profile, or in the first where the second says nothing: a line, or a preset.
    """

    kind: str
    name: str
    before: str
    after: str
    by: str = ""

    @property
    def how(self) -> str:
        """added, removed or changed."""
        return "added" if not self.before else "removed" if not self.after else "changed"


def changes(one: Plan, other: Plan) -> tuple[Change, ...]:
    """The effective change from one plan to another; empty where both make the same node."""
    spelling: dict[Place, str] = {}
    old, new = (_neutral(plan, spelling) for plan in (one, other))
    by = {**_by(one, spelling), **_by(other, spelling)}
    found = [
        *_compared("base", {"base": base(one)}, {"base": base(other)}),
        *_settings(_wants(old), _wants(new), by),
        *_compared("file", _files(old), _files(new)),
    ]
    return (*found, *_compared("step", _steps(old), _steps(new)))


def without_effect(one: Plan, other: Plan) -> tuple[Change, ...]:
    """Values that differ where nothing of their setting does: what a preset is asked for, and still brings the same."""
    owners = {file.path: stem for plan in (one, other) for stem, file in plan.files}
    touched = {owners.get(change.name, change.name.partition(".")[0]) for change in changes(one, other)}
    expected = {expect.setting for plan in (one, other) for expect in plan.expects}
    old, new = (
        {
            value.name: value.shown
            for value in overview.values(plan)
            if value.stem not in touched and value.name not in expected
        }
        for plan in (one, other)
    )
    return tuple(_compared("value", old, new))


def _compared(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, ""), new.get(name, "")
        if before != after:
            yield Change(kind, name, before, after)


Wants = Mapping[str, Mapping[str, str]]  # by setting and check


def _settings(old: Wants, new: Wants, by: Mapping[str, str]) -> Iterator[Change]:
    """Of a setting that stays, the checks that want something else."""
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, {}), new.get(name, {})
        checks = [check for check in dict.fromkeys((*before, *after)) if before.get(check) != after.get(check)]
        if checks:
            was, will = _said(before, checks), _said(after, checks)
            gone = _NOT_CHECKED if before and after else ""
            yield Change("setting", name, was or gone, will or gone, by.get(name, ""))


def _said(wants: Mapping[str, str], checks: Sequence[str]) -> str:
    """Two checks that want the same say it once."""
    return "; ".join(dict.fromkeys(wants[check] for check in checks if check in wants))


def base(plan: Plan) -> str:
    """What a node starts from."""
    base = plan.profile.base
    pin = f" from {base.told} (sha256 {base.sha256})" if isinstance(base, BasePin) else ""
    mirror = f" from {plan.profile.mirror}" if plan.profile.mirror else ""
    return f"{plan.distro.title}{pin}{mirror}"


def _by(plan: Plan, spelling: Mapping[Place, str]) -> dict[str, str]:
    """Who says so, by the name that the change will have."""
    found: dict[str, str] = {}
    for value in overview.values(plan):
        found.setdefault(value.stem, value.origin.by or f"line {value.line}")
        key = spelling.get((value.stem, names.canonical(value.stem, value.key)), value.key)
        found[names.full(value.stem, key)] = value.origin.by or f"line {value.line}"
    return found


def _wants(plan: Plan) -> dict[str, dict[str, str]]:
    """What must be observed of each setting, by check. A probe shows at work what other checks say already."""
    found: dict[str, dict[str, str]] = {}
    for expect in (expect for expect in plan.expects if not is_probe(expect)):
        found.setdefault(expect.setting, {})[expect.id] = expect.want
    return found


def _files(plan: Plan) -> dict[str, str]:
    """Those that a setting makes; those of the setting `files` are settings themselves."""
    return {
        file.path: f"{file.mode} {file.owner}:{file.group} {hashlib.sha256(file.content).hexdigest()}"
        for stem, file in plan.files
        if stem != "files"
    }


def _steps(plan: Plan) -> dict[str, str]:
    """Those of settings that expect nothing: what they do is seen nowhere else."""
    expected = {expect.setting.partition(".")[0] for expect in plan.expects}
    return {step.name: " ".join(step.call) for step in plan.steps if step.setting not in expected}


def _neutral(plan: Plan, spelling: dict[Place, str]) -> Plan:
    """The same node, from a profile that differs from its like in nothing but values."""
    values = {stem: _tidy(stem, value, spelling) for stem, value in plan.profile.settings.items()}
    profile = dataclasses.replace(plan.profile, name="node", digest="", settings=values)
    context = settings.Context(profile, plan.distro)
    parts = {stem: settings.stems()[stem].part(values[stem], context) for stem in plan.settings}
    return dataclasses.replace(
        plan,
        files=tuple((stem, file) for stem, part in parts.items() for file in part.files),
        steps=tuple(step for part in parts.values() for step in part.steps),
        expects=tuple(expect for part in parts.values() for expect in part.expects),
    )


def _tidy(stem: str, value: Any, spelling: dict[Place, str]) -> Any:  # noqa: ANN401
    """In one order, and each key as it was spelt first. What stands inside a value is the setting's business."""

    def spelt(key: str) -> str:
        return spelling.setdefault((stem, names.canonical(stem, key)), key)

    if isinstance(value, dict):
        return {spelt(key): value[key] for key in sorted(value, key=spelt)}
    if not isinstance(value, list):
        return value
    if all(isinstance(item, str) for item in value):
        return sorted(set(map(spelt, value)))
    return sorted(value, key=lambda item: str(item.get("name", item.get("path", ""))))
