"""zoo.yaml, and the machines that it describes."""

from __future__ import annotations

import fnmatch
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator import base
from generator.base import swap
from generator.base.variants import Variant
from generator.model import Image

_FILE = Path(__file__).with_name("zoo.yaml")
MIB = 1 << 20
_IDENT = uuid.UUID("00000000-0000-4000-8000-00000000c10d")


@dataclass(frozen=True, slots=True)
class Source:
    """One row of zoo.yaml."""

    name: str
    area: str
    since_systemd: int = 0
    fstab: str = ""
    files: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    packages: tuple[str, ...] = ()
    kernel_args: tuple[str, ...] = ()
    user_data: dict[str, Any] | None = field(default=None, hash=False)

    def is_on(self, proc_swaps: Iterable[str]) -> bool:
        """Whether a row of /proc/swaps is its area."""
        return any(fnmatch.fnmatchcase(row.split()[0], self.area.replace("\\", "[\\]")) for row in proc_swaps if row)

    @property
    def file(self) -> str:
        """The swap file that must be there, or nothing. cloud-init makes its own."""
        path = self.area.replace("\\040", " ")
        return path if path.startswith("/zoo/") and "swap" not in (self.user_data or {}) else ""


def load(machine: str, *, packaged: bool = True) -> tuple[Source, ...]:
    """All sources of one machine; or only those for which no package is fetched."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[machine]
    found = (
        Source(**{key: value if key == "user_data" else _fixed(value) for key, value in row.items()}) for row in rows
    )
    return tuple(source for source in found if packaged or not source.packages)


def _fixed(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, dict) else tuple(value) if isinstance(value, list) else value


def image(machine: str, distro: str, found: Sequence[Source]) -> Image:
    """A base that has all of them."""
    variant = Variant(
        name=f"zoo-{machine}",
        fstab="".join(source.fstab for source in found),
        areas=tuple((source.file, 4) for source in found if source.file),
        swap_partition=True,
        packages=tuple(package for source in found for package in source.packages),
        kernel_args=tuple(argument for source in found for argument in source.kernel_args),
        files=tuple(file for source in found for file in source.files),
        links=tuple(link for source in found for link in source.links),
    )
    return base.obtain(distro, variant=variant)


def user_data(sources: Sequence[Source]) -> dict[str, Any]:
    """One cloud-config of all of them."""
    return {key: value for source in sources for key, value in (source.user_data or {}).items()}


def swap_disk(where: Path) -> Path:
    """A raw disk that is a swap area, as OpenStack attaches it."""
    where.write_bytes(swap.header(8 * MIB, _IDENT).ljust(8 * MIB, b"\0"))
    return where
