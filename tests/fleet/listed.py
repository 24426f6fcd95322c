"""A profile with names of its own, and requests for lists of nodes that are written out in a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator import fleet

PROFILE = """\
apiVersion: nodebake/v1
name: worker
vars:
  rack: {type: text}
  slot: {type: integer, default: 7}
  zone: {type: text, one_of: [north, south], default: north}
modules: [overlay]
files:
  - {path: /etc/place, content: [{var: rack}, " ", {var: slot}, " ", {var: zone}, "\\n"]}
"""


def profile_in(folder: Path) -> str:
    path = folder / "worker.yaml"
    path.write_text(PROFILE)
    return str(path)


def asked_of(folder: Path, case: dict[str, Any], **more: Any) -> fleet.Request:
    nodes = folder / f"nodes.{case['form']}"
    nodes.write_text(case["text"], encoding="utf-8", newline="")
    return fleet.Request(profile_in(folder), str(nodes), output=str(folder / "out"), **more)
