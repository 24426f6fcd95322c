"""What a guest told of a boot -> its chart, its slowest units, and what went wrong in it. All of it is hostile text."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.evidence import Diagnosis
from generator.report.told import printable

_PART = re.compile(r"([\d.]+)(min|ms|us|s|h)\b")
_SECONDS = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6}
_UNITS = 15  # of the slowest
_LINES = 40  # of a journal, the last ones
_CHART = 2 << 20  # bytes; that of a Debian with 120 units has 90 kB


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and the seconds that it took to start."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Booted:
    """One boot as a page shows it; `chart` is a data: address of an SVG, "" where there is none."""

    number: int
    chart: str
    slowest: tuple[Unit, ...]
    failed: tuple[str, ...]
    warnings: tuple[str, ...]


def read(diagnoses: Sequence[Diagnosis]) -> tuple[Booted, ...]:
    return tuple(_booted(one) for one in diagnoses)


def _booted(one: Diagnosis) -> Booted:
    text = {name: out.decode("utf-8", "replace") for name, out in one.told.items()}
    return Booted(
        number=one.boot,
        chart=chart(one.told.get("plot", b"")),
        slowest=slowest(text.get("blame", "")),
        failed=_lines(text.get("failed", "")),
        warnings=_lines(text.get("warnings", "")),
    )


def chart(svg: bytes) -> str:
    """The SVG as the address of a picture: what a browser shows as one neither runs scripts nor fetches anything.

    Nothing of a drawing that defines entities, for those can grow without end; systemd-analyze's has none.
    """
    whole = svg.rstrip().endswith(b"</svg>") and len(svg) <= _CHART
    plain = re.search(rb"<!ENTITY", svg, re.IGNORECASE) is None
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" if whole and plain else ""


def slowest(blame: str) -> tuple[Unit, ...]:
    """`systemd-analyze blame`: lines such as `1min 2.5s cloud-init.service`, the slowest first."""
    found = []
    for line in blame.splitlines():
        took, _, name = line.strip().rpartition(" ")
        if parts := _PART.findall(took):
            found.append(Unit(printable(name), sum(_number(number) * _SECONDS[unit] for number, unit in parts)))
    return tuple(sorted(found, key=lambda unit: -unit.seconds)[:_UNITS])


def _number(text: str) -> float:
    try:
        return float(text[:12])
    except ValueError:
        return 0.0


def _lines(text: str) -> tuple[str, ...]:
    return tuple(printable(line.expandtabs()) for line in text.splitlines() if line.strip())[-_LINES:]
