"""Two words about swap in one profile."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context, kubernetes


def find(context: Context) -> Iterator[Found]:
    """At the setting `swap`, which would win over `kubernetes.swap`; where the user wrote both, they are to agree."""
    said = context.profile.settings.get("kubernetes", {}).get("swap")
    mode = kubernetes.swap_mode(context.profile)
    if said is not None and said != mode:
        yield Found(("swap",), between.swap_twice(mode, said))
