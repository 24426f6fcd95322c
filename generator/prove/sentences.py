"""Why there is no proof: each a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from generator.errors import CheckFailed, GuestError, LockedError, NodebakeError, shown, usage, visible


def no_faults() -> CheckFailed:
    return CheckFailed("the profile yields no fault, so nothing was proven", "`nodebake plan` tells what it expects")


def no_such_fault(glob: str, near: Sequence[str]) -> NodebakeError:
    hint = f"did you mean {', or '.join(near)}?" if near else "`nodebake explain` tells the faults of each setting"
    return usage(f"no fault of this profile is called {shown(glob)}", hint)


def not_good(image: str, rows: Iterable[tuple[str, str]]) -> CheckFailed:
    """`rows` are checks that are red although nothing was broken: their names, and what was found."""
    lines = "".join(f"\n    {name}: {visible(found)}" for name, found in rows)
    hint = "`nodebake verify` says more; a fault proves nothing on an image that is red by itself"
    return CheckFailed(f"{visible(image)} is not what the profile says, without any fault{lines}", hint)


def unfinished(name: str, log: str) -> GuestError:
    hint = "its shell or its tools are broken: boot it and run observe.sh by hand"
    return GuestError(f"{name}: the observer began and did not come to its end; the console is in {visible(log)}", hint)


def busy(folder: str) -> LockedError:
    return LockedError(f"another nodebake is proving this image: it holds {visible(folder)}", "wait for it to end")
