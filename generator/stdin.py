"""What a program or a person says on stdin, read whole, and no more of it than anybody says."""

from __future__ import annotations

import sys

from generator.sentences import inputs

MOST = 64 << 20  # characters: as much as a guest may say on its result port


def text() -> str:
    """All of it. Raises a usage error where it is more than MOST."""
    said = sys.stdin.read(MOST + 1)
    if len(said) > MOST:
        raise inputs.too_much_said(MOST)
    return said
