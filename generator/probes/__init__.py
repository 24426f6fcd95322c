"""Which behaviour shows that a value does its work (probes.yaml), and which faults it must notice.

A probe acts on the node and takes back what it did. What a value needs beside itself to be seen at work is data, too: a
profile without it gets no such probe, and one that is red for another's sake is blocked by that other's check.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import data, names, sysctl_conf
from generator.facts import modules
from generator.model import Expect
from generator.reasons import reason

WANTED = "WANTED"
NETWORK = "network"  # the kind whose topics share one command for each version of IP
_ROWS = Path(__file__).with_name("probes.yaml")
Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """A row of probes.yaml, and where it stands. `red` are faults of a module that show in it."""

    stem: str
    key: str
    name: str
    kind: str
    args: tuple[str, ...]
    wanted: str
    value: str | None = None
    beside: tuple[tuple[str, str, bool], ...] = ()  # parameter, its value, whether it may be missing
    modules: tuple[str, ...] = ()
    red: frozenset[str] = frozenset()


@functools.cache
def rows() -> tuple[Probe, ...]:
    """Every probe, in the order of the file."""
    raw = data.rows(_ROWS)
    return tuple(_probe(stem, key, row) for stem, keys in raw.items() for key, listed in keys.items() for row in listed)


def _probe(stem: str, key: str, row: Mapping[str, Any]) -> Probe:
    beside = ((name.rstrip("?"), value, name.endswith("?")) for name, value in row.get("with", {}).items())
    return Probe(
        stem,
        key,
        *(row["name"], row["kind"], tuple(row["args"]), row["wanted"], row.get("value")),
        tuple(beside),
        tuple(row.get("modules", ())),
        frozenset(row.get("red", ())),
    )


def expects(stem: str, key: str, settings: Settings) -> tuple[Expect, ...]:
    """What must be seen of one value of a profile with these settings; `key` as it is written there."""
    setting = names.full(stem, key) if stem != "swap" else stem
    return tuple(
        Expect(
            f"{setting}.{probe.name}",
            setting,
            f"{probe.kind}-probe",
            _arguments(probe, key, settings),
            _with_value(probe.wanted, key, settings),
            reason(stem, key).probes[probe.name],
            _needs(probe, key, settings),
        )
        for probe in _of(stem, key, settings)
    )


def red(stem: str, key: str, settings: Settings, fault: str = "") -> frozenset[str]:
    """The names of those that fail where the value is undone; of a module's, those that notice this fault."""
    found = expects(stem, key, settings)
    return frozenset(
        expect.id
        for expect, probe in zip(found, _of(stem, key, settings), strict=True)
        if not fault or fault in probe.red
    )


def _of(stem: str, key: str, settings: Settings) -> tuple[Probe, ...]:
    wanted = names.canonical(stem, key)
    mine = (probe for probe in rows() if probe.stem == stem and names.canonical(stem, probe.key) == wanted)
    return tuple(probe for probe in mine if _says_something(probe, key, settings))


def _says_something(probe: Probe, key: str, settings: Settings) -> bool:
    if probe.value is not None and _value(settings, key) != probe.value:
        return False
    found = ((_spelt(settings, parameter), value, optional) for parameter, value, optional in probe.beside)
    return all(optional if name is None else _value(settings, name) == value for name, value, optional in found)


def _value(settings: Settings, key: str) -> str:
    return sysctl_conf.normal(str(settings["sysctl"][key]))


def _with_value(text: str, key: str, settings: Settings) -> str:
    return text.replace(WANTED, _value(settings, key)) if WANTED in text else text


def _spelt(settings: Settings, parameter: str) -> str | None:
    """The name under which a profile has a parameter, if it has it."""
    meant = names.canonical("sysctl", parameter)
    return next((key for key in settings.get("sysctl", {}) if names.canonical("sysctl", key) == meant), None)


def _needs(probe: Probe, key: str, settings: Settings) -> tuple[str, ...]:
    """The value itself is none: without it the probe must fail, which is what it is for."""
    spelt = (_spelt(settings, parameter) for parameter, _, _ in probe.beside)
    parameters = (f"sysctl.{name}.value" for name in spelt if name is not None)
    bringing = modules.bringing(key, probe.value) if probe.stem == "sysctl" else ""
    needed = {*probe.modules, bringing}
    loaded = (f"modules.{name}.loaded" for name in settings.get("modules", ()) if modules.plain(name) in needed)
    return (*loaded, *parameters)


def _arguments(probe: Probe, key: str, settings: Settings) -> tuple[str, ...]:
    """Of the network, all that is asked of one version of IP comes along: they share one command."""
    if probe.kind != NETWORK:
        return tuple(_with_value(word, key, settings) for word in probe.args)
    topic, version = probe.args
    return topic, version, *dict.fromkeys(sorted(_topics(version, settings)))


def _topics(version: str, settings: Settings) -> Iterator[str]:
    for stem in ("modules", "sysctl"):
        for key in settings.get(stem, ()):
            for probe in _of(stem, key, settings):
                if probe.kind == NETWORK and probe.args[1] == version:
                    yield probe.args[0]
