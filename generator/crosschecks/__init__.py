"""What no schema can say: settings that contradict one another, or that make a node which silently does not work.

One stem a topic, a plain module with `find(context) -> Iterable[Found]`, pure; dropping one in is enough. They see the
profile as it is after the presets, and what the user wrote is theirs to keep: what may be meant so is only a warning.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, cast

from generator import positions
from generator.errors import Finding
from generator.positions import Path
from generator.sentences import Words
from generator.settings import Context


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: where in the profile, (sentence, hint), and whether one may live with it."""

    path: Path
    words: Words
    warning: bool = False


class Crosscheck(Protocol):
    """What every stem offers."""

    def find(self, context: Context) -> Iterable[Found]:
        """All that is wrong with a profile under this topic."""
        ...


@functools.cache
def stems() -> tuple[Crosscheck, ...]:
    """Every topic."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(cast(Crosscheck, importlib.import_module(f"{__name__}.{name}")) for name in names)


def find(context: Context) -> list[Finding]:
    """Every finding of every topic. Where something is refused, a warning of the same place has nothing to add."""
    found = [one for stem in stems() for one in stem.find(context)]
    refused = {one.path for one in found if not one.warning}
    return [_finding(context, one) for one in found if not (one.warning and one.path in refused)]


def _finding(context: Context, found: Found) -> Finding:
    line, column = context.profile.place(found.path)
    sentence, hint = found.words
    path = positions.pretty(found.path)
    return Finding(context.profile.source, line, column, path, sentence, hint, "warning" if found.warning else "error")
