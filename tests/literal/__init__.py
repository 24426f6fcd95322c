"""Values that are accepted and nasty, one file a kind; its first line says what they are. Dropping one in makes a test.

Read here by PyYAML alone, so that what is wanted does not come from what is tested.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generator.model import File, Plan

CASES = sorted(Path(__file__).parent.glob("*.yaml"))
# What one machine can have together; a module that there is not stops its steps.
_TOGETHER = ("files", "users", "sysctl", "services")


@dataclass(frozen=True, slots=True)
class Laid:
    """A file as it must lie on the node."""

    content: bytes
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_bytes())
    return found


def wanted(profile: dict[str, Any]) -> dict[str, Laid]:
    """The files that a profile names, by their path."""
    return {entry["path"]: _laid(entry) for entry in profile.get("files", ())}


def _laid(entry: dict[str, Any]) -> Laid:
    text = str(entry["content"]).encode()
    content = base64.b64decode(text) if entry.get("encoding") == "base64" else text
    return Laid(content, int(entry.get("mode", "0644"), 8), entry.get("owner", "root"), entry.get("group", "root"))


def together() -> dict[str, Any]:
    """One profile of all of them."""
    whole: dict[str, Any] = {"apiVersion": "nodebake/v1", "name": "literal"}
    for path in CASES:
        for key, value in read(path).items():
            if key in _TOGETHER:
                held = whole.setdefault(key, type(value)())
                held.update(value) if isinstance(value, dict) else held.extend(value)
    return whole


def planned_files(plan: Plan) -> dict[str, File]:
    return {file.path: file for _, file in plan.files}
