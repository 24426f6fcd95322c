"""What was tested, and by what: so that a report can be told from that of yesterday's image."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from generator import __version__, guest, proc, regular, strict_json
from generator.evidence import Tested
from generator.forms import manifest as forms
from generator.guest.accel import QEMU
from generator.model import BasePin, Plan

_MANIFEST = "manifest.json"
_LARGEST = 1 << 20


def of(image: Path, digest: str, plan: Plan, when: float) -> Tested:
    """`digest` is the image's, as it was measured; `when` seconds since 1970. Raises ToolError without QEMU."""
    accel, told = guest.probe(), manifest(image, digest)
    base = plan.profile.base
    return Tested(
        image_sha256=digest,
        profile_sha256=plan.profile.digest,
        base=str(told.get("base") or (base.told if isinstance(base, BasePin) else base)),
        base_sha256=str(told.get("base_sha256") or (base.sha256 if isinstance(base, BasePin) else "")),
        tool=f"nodebake {__version__}",
        qemu=proc.run([QEMU, "--version"]).partition("\n")[0],
        accelerator=f"{accel.name}, CPU {accel.cpu}",
        when=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)),
    )


def manifest(image: Path, digest: str) -> dict[str, Any]:
    """What the manifest beside an image says of it, if it speaks of these very bytes, as an image or a form of one."""
    path = image.parent / _MANIFEST
    try:
        return forms.about(strict_json.loads(regular.read(path, _LARGEST))["image"], digest)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
