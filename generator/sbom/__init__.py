"""The software of an image that nobody runs, as CycloneDX 1.6 and SPDX 2.3: the same image gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from generator import dpkg, offline, whole
from generator.model import Plan
from generator.offline import Disk
from generator.sbom import debian, documents, others

_CYCLONEDX = ".cdx.json"
_SPDX = ".spdx.json"


def make(disk: Disk, stem: str, plan: Plan) -> Mapping[str, bytes]:
    """Both documents, by file name, of a raw disk that was built from a plan.

    The packages are those of dpkg's own record on the disk, the files those that the plan wrote and all others that no
    package brought.
    Raises ToolError where debsbom is not installed, or the disk cannot be read.
    """
    made = datetime.fromtimestamp(offline.modified(disk, dpkg.STATUS), UTC)
    found = debian.documents(disk, plan.profile.name, plan.distro.title, made)
    files = others.of(disk, plan)
    return {
        f"{stem}{_CYCLONEDX}": documents.cyclonedx(found.cyclonedx, files),
        f"{stem}{_SPDX}": documents.spdx(found.spdx, files),
    }


def write(folder: Path, boms: Mapping[str, bytes]) -> list[Path]:
    """Write them into a folder, each in one step. Raises ToolError."""
    for name, content in boms.items():
        with whole.file(folder / name, 0o644) as out:
            out.write(content)
    return [folder / name for name in boms]
