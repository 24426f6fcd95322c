"""What a guest is asked for once its boot was judged, and what is read of the answer. Guests are not trusted.

It is asked only where something is red, or for a chart: all of it takes a guest under TCG some seconds, and a node that
is as it should be does not pay for it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from generator import observation
from generator.evidence import Diagnosis

# By the functions of templates/observer/diagnose.sh: the file that keeps it in the bundle.
FILES: Mapping[str, str] = {
    "failed": "failed-units.txt",
    "swaps": "swap-units.txt",
    "parameters": "sysctl.txt",
    "modules": "modules.txt",
    "warnings": "warnings.txt",
    "journal": "journal.txt",
    "blame": "blame.txt",
    "plot": "plot.svg",
}
ALL = tuple(FILES)
CHART = ("blame", "plot")


def is_done(line: str) -> bool:
    """Whether this line ends the answer."""
    return "diagnosed" in observation.record(line)


def read(lines: Iterable[str], boot: int) -> Diagnosis:
    """What these lines tell; what is no answer is passed over, and so is an empty one."""
    told = {}
    for record in map(observation.record, lines):
        name, out = record.get("told"), record.get("out")
        if isinstance(name, str) and name in FILES and isinstance(out, str) and out:
            try:
                told[name] = base64.b64decode(out, validate=True)
            except ValueError:  # binascii.Error is one
                continue
    return Diagnosis(boot, told)
