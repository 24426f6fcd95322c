"""One stem for each output format: a plain module with `artefacts(plan) -> Artefacts`, pure."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from generator.model import Artefact, Plan


class Format(Protocol):
    """What every stem offers."""

    def artefacts(self, plan: Plan) -> tuple[Artefact, ...]:
        """The files of this format, with paths below output/<name>/."""
        ...


@functools.cache
def stems() -> Mapping[str, Format]:
    """Every format by its stem, sorted. Names that begin with _ are shared rooms, not formats."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return {name: cast(Format, importlib.import_module(f"{__name__}.{name}")) for name in names}
