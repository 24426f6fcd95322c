"""What is known of Kubernetes on a node: rows of data, each with its source, and the rooms that read them. All pure.

`<stem>.py` reads `<stem>.yaml`. A new CNI, version or rule is a row there; the code knows none of them by name.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from generator import data

_HERE = Path(__file__).resolve().parent


@functools.cache
def read(stem: str) -> Any:  # noqa: ANN401 - each room knows what its own file holds
    """What facts/<stem>.yaml holds."""
    return data.rows(_HERE / f"{stem}.yaml")
