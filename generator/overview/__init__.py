"""What is true on a node, value by value: what was written, what a preset brought, what a setting derives from both."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator import names, settings
from generator.model import Origin, Plan, Profile

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an expanded profile. `line` is where it, or what brought it, stands in the profile."""

    stem: str
    key: str
    shown: str
    origin: Origin
    line: int

    @property
    def name(self) -> str:
        """As its expectations name it."""
        return names.full(self.stem, self.key)


def values(plan: Plan) -> tuple[Value, ...]:
    """Every value, and what its setting derives from it, in the order in which the settings are applied."""
    profile = plan.profile
    return tuple(
        value
        for stem in plan.settings
        for value in _with_defaults(
            plan, stem, [_value_of(profile, stem, *entry) for entry in entries(stem, profile.settings[stem])]
        )
    )


def _with_defaults(plan: Plan, stem: str, written: list[Value]) -> list[Value]:
    """What a setting expects beside what was written: its defaults and what it derives, which come from itself."""
    if origin_of(plan.profile, stem, "").by == settings.EVERY_IMAGE:  # told in a word; its checks say the rest
        return written
    told = {value.name for value in written}
    wants: dict[str, dict[str, None]] = {}
    for expect in plan.expects:
        if expect.setting not in told and expect.setting.startswith(f"{stem}."):
            wants.setdefault(expect.setting, {})[expect.want] = None
    keys = {name.removeprefix(f"{stem}."): "; ".join(found) for name, found in wants.items()}
    return written + [_derived(plan.profile, stem, key, found) for key, found in keys.items()]


def _derived(profile: Profile, stem: str, key: str, found: str) -> Value:
    """What a setting has by itself; some can say why."""
    who = getattr(settings.stems()[stem], "origin", None)
    origin = (who(profile.settings[stem], key) if who else None) or Origin(stem)
    return Value(stem, key, found, origin, profile.place(tuple(origin.by.split(".")))[0])


def _value_of(profile: Profile, stem: str, key: str, shown: str, path: tuple[str | int, ...]) -> Value:
    origin = origin_of(profile, stem, key)
    place = tuple(origin.by.split(".")) if origin.by else path
    return Value(stem, key, shown, origin, profile.place(place)[0])


def origin_of(profile: Profile, stem: str, key: str) -> Origin:
    """A key's origin, or that of its whole setting."""
    whole = profile.origins.get((stem, ""), Origin(""))
    return profile.origins.get((stem, key), whole)


Entry = tuple[str, str, tuple[str | int, ...]]  # key, value, path in the profile


def entries(stem: str, value: Any) -> Iterator[Entry]:  # noqa: ANN401 - whatever the stem's schema says
    """The keys of a setting, whatever its shape, each with its value as it is shown."""
    if isinstance(value, dict):
        yield from ((key, shown(item), (stem, key)) for key, item in value.items())
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield *_item(item), (stem, index)
    else:
        yield "", shown(value), (stem,)


def _item(item: Any) -> tuple[str, str]:  # noqa: ANN401
    """A list's items are names, names with a version, or mappings with a name or a path."""
    if not isinstance(item, dict):
        name, _, version = str(item).partition("=")
        return name, version
    rest = ", ".join(f"{key} {_told(key, value)}" for key, value in item.items() if key not in ("name", "path"))
    return str(item.get("name", item.get("path", ""))), textwrap.shorten(rest, _SHOWN, placeholder=" ...")


def _told(key: str, value: Any) -> str:  # noqa: ANN401
    """A file's content may be a token, and a plan is printed into logs that others read."""
    if key == "content":
        return f"of {len(value)} {'parts' if isinstance(value, list) else 'characters'}"
    return shown(value)


def shown(value: Any) -> str:  # noqa: ANN401
    """A value on one line."""
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
