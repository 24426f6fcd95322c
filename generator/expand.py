"""What a profile's settings bring to one another: presets, and what a package needs. The user's own value wins.

A list takes what it has not; in a mapping, or for a whole setting, a value that the user wrote stays, and the one that
lost is remembered for `plan`. Two presets that want different values of one key contradict each other: refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from generator import errors, sentences, settings
from generator.errors import Finding
from generator.model import Implied, Origin, Profile
from generator.settings import Context


def expand(context: Context) -> Profile:
    """The profile with all that its settings imply, and the origin of every value. Raises Refused."""
    merged = {stem: _copied(value) for stem, value in context.profile.settings.items()}
    origins = {place: Origin("") for stem, value in merged.items() for place in _keys(stem, value)}
    findings = []
    for implied in _all_implied(context):
        if (finding := _take(context.profile, merged, origins, implied)) is not None:
            findings.append(finding)
    if findings:
        raise errors.Refused(findings)
    return dataclasses.replace(context.profile, settings=merged, origins=origins)


def _all_implied(context: Context) -> Iterator[Implied]:
    """In the order of the stems; what is implied by something implied is asked for in its turn."""
    values = dict(context.profile.settings)
    for implied in _always(context):
        values.setdefault(implied.stem, implied.value)
        yield implied
    asked: set[str] = set()
    while waiting := [stem for stem in settings.stems() if stem in values and stem not in asked]:
        stem = waiting[0]
        asked.add(stem)
        implies = getattr(settings.stems()[stem], "implies", None)
        for implied in implies(values[stem], context) if implies else ():
            values.setdefault(implied.stem, _alone(implied))
            yield implied


def _always(context: Context) -> Iterator[Implied]:
    """What is asked of every image. A profile that asks for nothing stays empty, and an empty suite is a failure."""
    for stem, setting in settings.stems().items() if context.profile.settings else ():
        value = getattr(setting, "ALWAYS", None)
        if value is not None and stem not in context.profile.settings:
            yield Implied(stem, "", value, settings.EVERY_IMAGE, sentences.ALWAYS)


def _alone(implied: Implied) -> Any:  # noqa: ANN401 - whatever the stem's schema says
    if implied.key == "":
        return implied.value
    return [implied.key] if implied.value is None else {implied.key: implied.value}


def _copied(value: Any) -> Any:  # noqa: ANN401
    return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value


def _keys(stem: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    yield stem, ""
    for key in value if isinstance(value, (dict, list)) else ():
        if isinstance(key, str):
            yield stem, key


def _take(
    profile: Profile, merged: dict[str, Any], origins: dict[tuple[str, str], Origin], implied: Implied
) -> Finding | None:
    """Put one implied value where it belongs, or remember that it lost, or find that it contradicts another."""
    implied = _as_written(origins, implied)
    place = (implied.stem, implied.key)
    held = origins.get(place)
    if held is None:
        _put(merged, implied)
        origins.setdefault((implied.stem, ""), Origin(implied.by))
        origins[place] = Origin(implied.by, implied.why, implied.source)
        return None
    if _agree(_value(merged, implied), implied.value):
        return None
    if held.by == "":
        origins[place] = dataclasses.replace(held, overruled=(*held.overruled, implied))
        return None
    path: tuple[str | int, ...] = tuple(implied.by.split("."))
    where = ".".join(filter(None, place))
    words = sentences.presets_contradict(where, held.by, _value(merged, implied), implied.by, implied.value)
    return Finding(profile.source, *profile.place(path), implied.by, *words)


def _as_written(origins: Mapping[tuple[str, str], Origin], implied: Implied) -> Implied:
    """The implied value under the name that its key has here already: ip_forward may stand as conf.all.forwarding."""
    same = getattr(settings.stems().get(implied.stem), "same", None)
    if same is None or implied.key == "":
        return implied
    meant = same(implied.key)
    keys = (key for stem, key in origins if stem == implied.stem and key and same(key) == meant)
    return dataclasses.replace(implied, key=next(keys, implied.key))


def _agree(one: Any, other: Any) -> bool:  # noqa: ANN401
    """Whether two values are the same: the number 1 and the text "1" are, to the kernel and to every file."""
    return bool(one == other) or (
        isinstance(one, (int, str)) and isinstance(other, (int, str)) and str(one).split() == str(other).split()
    )


def _put(merged: dict[str, Any], implied: Implied) -> None:
    if implied.stem not in merged:
        merged[implied.stem] = _alone(implied)
    elif implied.value is None:
        merged[implied.stem].append(implied.key)
    else:
        merged[implied.stem][implied.key] = implied.value


def _value(merged: Mapping[str, Any], implied: Implied) -> Any:  # noqa: ANN401
    """What stands there now, as `Implied.value` would say it."""
    held = merged[implied.stem]
    return held if implied.key == "" else None if isinstance(held, list) else held[implied.key]
