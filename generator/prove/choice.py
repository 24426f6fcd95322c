"""Which faults are tried."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Sequence

from generator.model import Fault
from generator.prove import sentences


def chosen(faults: Sequence[Fault], globs: Sequence[str] | None) -> tuple[Fault, ...]:
    """Those whose ids match one of the patterns, in the plan's order; without patterns all.

    Raises CheckFailed where the plan has no faults at all, and a usage error for a pattern that matches none.
    """
    if not faults:
        raise sentences.no_faults()
    if globs is None:
        return tuple(faults)
    ids = [fault.id for fault in faults]
    for glob in globs:
        if not fnmatch.filter(ids, glob):
            raise sentences.no_such_fault(glob, near(glob, ids))
    return tuple(fault for fault in faults if any(fnmatch.fnmatchcase(fault.id, glob) for glob in globs))


def near(glob: str, ids: Sequence[str]) -> list[str]:
    """Ids that look like it, or have all of its letters that are no wildcards in them."""
    bare = glob.strip("*")
    return difflib.get_close_matches(glob, ids, 3, 0.6) or [one for one in ids if bare and bare in one][:3]
