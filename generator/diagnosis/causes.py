"""Verdicts x all that a node told -> the same verdicts, the red ones with their causes, the likeliest first.

First what the kind of the check knows (which file won), then the units that have a hand in the setting and failed, then
what the journal said of it; and only where there is none of these, what is usual.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import checks, data, sysctl_conf
from generator.checks.kind import Told
from generator.evidence import Diagnosis
from generator.model import Boot, Expect, Verdict

_HERE = Path(__file__).parent
_LINE = re.compile(r"\[ *[\d.]+\] \S+ (?P<who>[^\s:\[]+)(?:\[\d+\])?: (?P<says>.*)")
_MOST = 6  # causes of one check
_LINES = 3  # of the journal among them
_LENGTH = 240  # characters of a line of it
_UNKNOWN = "neither its files nor a unit nor the journal says why"


def explained(
    verdicts: Iterable[Verdict], seen: Sequence[Boot | None], diagnoses: Iterable[Diagnosis] = ()
) -> tuple[Verdict, ...]:
    """Boots count from 1 in `seen`. A verdict that is not red stays as it is."""
    found = tuple(verdicts)
    more = {one.boot: {name: out.decode("utf-8", "replace") for name, out in one.told.items()} for one in diagnoses}
    told = {number: _told(boot, more.get(number, {})) for number, boot in enumerate(seen, 1)}
    return tuple(dataclasses.replace(one, causes=_causes(one, told, found)) if one.red else one for one in found)


def _told(boot: Boot | None, more: Mapping[str, str]) -> Told:
    return Told(boot.observations if boot else {}, more)


def _causes(verdict: Verdict, told: Mapping[int, Told], found: Sequence[Verdict]) -> tuple[str, ...]:
    if not verdict.expect.kind:
        return tuple(_differences(verdict, found))
    usual = _usual().get(verdict.expect.kind)
    if verdict.boot == 0:  # the raw image: no unit ran, and no journal was written
        return (usual,) if usual else ()
    here = told.get(verdict.boot, Told({}))
    if verdict.status == "unobserved":
        return tuple(_cut_off(here))
    known = [*checks.causes(verdict.expect, here), *_failed(verdict.expect, here), *_journal(verdict.expect, here)]
    return tuple(dict.fromkeys(known))[:_MOST] or (usual or _UNKNOWN,)


def _differences(verdict: Verdict, found: Sequence[Verdict]) -> Iterator[str]:
    """What the comparison of boots is about: each check that was not told the same, with what it was."""
    if verdict.expect.id != "boots.same":
        return
    each: dict[str, dict[int, Verdict]] = {}
    for one in found:
        if one.expect.kind:
            each.setdefault(one.expect.id, {})[one.boot] = one
    for check, boots in each.items():
        if len({(one.status, one.found) for one in boots.values()}) > 1:
            yield f"{check}: {'; '.join(f'boot {number}: {one.found}' for number, one in boots.items())}"


def _cut_off(told: Told) -> Iterator[str]:
    count = len(told.observations)
    yield f"{count} commands of observe.sh were answered, this one was not" if count else "observe.sh told nothing"


def _failed(expect: Expect, told: Told) -> Iterator[str]:
    """The units that failed and have a hand in it, with their last words."""
    for unit, lines in _blocks(told.more.get("failed", "")):
        if any(fnmatch.fnmatchcase(unit, pattern) for pattern in _units(expect)):
            yield f"{unit} failed" + (f": {_last_words(lines)}" if lines else "")


def _blocks(printed: str) -> Iterator[tuple[str, list[str]]]:
    """`unit NAME`, then its lines."""
    for block in re.split(r"^unit ", printed, flags=re.M)[1:]:
        name, *lines = block.splitlines() or [""]
        yield name, [line for line in lines if line.strip()]


def _last_words(lines: Sequence[str]) -> str:
    """Its own, before what systemd says of every unit that fails."""
    told = [(parts["who"], parts["says"]) for line in lines if (parts := _LINE.match(line))]
    own = [says for who, says in told if who != "systemd"]
    return (own or [says for _, says in told] or list(lines))[-1][:_LENGTH]


def _journal(expect: Expect, told: Told) -> Iterator[str]:
    """What was a warning, and what the units of the setting said, if it names what the check is about."""
    warned = told.more.get("warnings", "").splitlines()
    units = _units(expect)
    lines = [*warned, *(line for line in told.more.get("journal", "").splitlines() if _by(line, units))]
    words = _words(expect)
    fitting = [f"the journal: {_shown(line)}" for line in lines if any(word in line for word in words)]
    yield from list(dict.fromkeys(fitting))[-_LINES:]


def _by(line: str, units: Iterable[str]) -> bool:
    """Whether one of the units said it, or systemd of one of them."""
    parts = _LINE.match(line)
    if parts is None:
        return False
    named = parts["says"].split() if parts["who"] == "systemd" else [f"{parts['who']}.service"]
    return any(fnmatch.fnmatchcase(name.strip(":.,"), unit) for name in named for unit in units)


def _shown(line: str) -> str:
    parts = _LINE.match(line)
    return (f"{parts['who']}: {parts['says']}" if parts else line)[:_LENGTH]


def _units(expect: Expect) -> tuple[str, ...]:
    """Those of the setting, and those that the check names."""
    named = (word for word in expect.args if re.fullmatch(r"[\w@:.-]+\.(service|socket|target|mount|swap|timer)", word))
    return (*_rows("related")[_stem(expect)], *named) if _stem(expect) in _rows("related") else tuple(named)


def _words(expect: Expect) -> set[str]:
    """What a line has to name: the key of the setting, in each of its spellings, or what the check is asked about."""
    key = expect.setting.partition(".")[2]
    named = (key, key.replace("-", "_"), sysctl_conf.proc_path(key)) if key else expect.args
    words = {word for word in named if 4 <= len(word) < 100 and "\n" not in word}
    return words or {_stem(expect)}


def _stem(expect: Expect) -> str:
    return expect.setting.partition(".")[0]


def _usual() -> Mapping[str, str]:
    return _rows("usual")


@functools.cache
def _rows(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data.rows(_HERE / f"{name}.yaml")
    return found
