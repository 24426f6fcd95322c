"""The packages of a disk, by debsbom, which reads dpkg's record: binary packages, their sources, who needs whom."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from generator import dpkg, errors, offline
from generator.offline import Disk
from generator.sbom import sentences

_CYCLONEDX = "1.6"  # what scanners read today; of SPDX there is but one
# Which architecture is the machine's own, and which packages somebody asked for.
_BESIDE = ("/var/lib/dpkg/arch-native", "/var/lib/apt/extended_states")
_NAMESPACE = uuid.UUID("9d1d5a0f-5f0c-4d0b-a3e1-0f6e6f646562")


@dataclass(frozen=True, slots=True)
class Found:
    """Both documents, as JSON values."""

    cyclonedx: dict[str, Any]
    spdx: dict[str, Any]


def documents(disk: Disk, name: str, summary: str, made: datetime) -> Found:
    """What debsbom says of the packages. Raises ToolError where it is not installed or finds no packages."""
    try:
        from debsbom.bomwriter import BomWriter  # noqa: PLC0415 - an extra
        from debsbom.bomwriter.bomwriter import SerializerOpts  # noqa: PLC0415
        from debsbom.generate import Debsbom  # noqa: PLC0415
        from debsbom.sbom import SBOMType  # noqa: PLC0415

        kinds = SBOMType.CycloneDX, SBOMType.SPDX
        writers = [(kind, BomWriter.create(kind), SerializerOpts.create(kind, _CYCLONEDX)) for kind in kinds]
    except (ImportError, RuntimeError) as error:
        raise sentences.no_debsbom(str(error)) from None
    logging.getLogger("debsbom").setLevel(logging.ERROR)  # it warns of each package without a maintainer
    with tempfile.TemporaryDirectory() as folder:
        ident = _copy(disk, Path(folder), name)
        scanner = Debsbom(
            name,
            Path(folder),
            distro_summary=summary,
            timestamp=made,
            cdx_serialnumber=ident,
            spdx_namespace=urlparse(f"urn:uuid:{ident}"),
        )
        try:
            scanner.scan()
            return Found(*(_as_json(writer, scanner.generate(kind), how) for kind, writer, how in writers))
        except Exception as error:  # of whatever kind: its readers take dpkg's record to be sound
            raise sentences.not_understood(str(disk.path), f"{type(error).__name__}: {error}") from None


def _copy(disk: Disk, folder: Path, name: str) -> uuid.UUID:
    """What debsbom reads of a root file system, and an identifier that follows from it."""
    ident = uuid.uuid5(_NAMESPACE, name)
    for path in (dpkg.STATUS, *_BESIDE):
        content = offline.read(disk, path)
        if content is None and path == dpkg.STATUS:
            raise errors.offline_failed(str(disk.path), f"it has no {dpkg.STATUS}")
        if content is not None:
            target = folder / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            ident = uuid.uuid5(ident, content.decode("utf-8", "replace"))
    return ident


def _as_json(writer: Any, bom: Any, how: Any) -> dict[str, Any]:  # noqa: ANN401 - debsbom has no types
    text = io.StringIO()
    writer.write_to_stream(bom, text, validate=False, opts=how)
    document: dict[str, Any] = json.loads(text.getvalue())
    return document
