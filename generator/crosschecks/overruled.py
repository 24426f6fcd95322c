"""What the user wrote in the place of a value that a preset needs: it wins, but not silently."""

from __future__ import annotations

from collections.abc import Iterator

from generator.crosschecks import Found
from generator.sentences import between
from generator.settings import Context


def find(context: Context) -> Iterator[Found]:
    """At the value. A whole setting in the place of another (swap) is a choice, and has topics of its own."""
    for (stem, key), origin in context.profile.origins.items():
        for lost in origin.overruled if key else ():
            yield Found((stem, key), between.overruled(lost.by, lost.value, lost.why), warning=True)
