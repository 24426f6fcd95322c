"""trials.yaml: images with one setting removed, and what nodebake, kubeadm and kubelet are predicted to say of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generator.model import Edit, Partition, Plan
from generator.settings.swap import limited

FILE = Path(__file__).with_name("trials.yaml")


@dataclass(frozen=True, slots=True)
class Trial:
    """One row. `red` are nodebake's checks, the others regular expressions; trials.yaml says which."""

    name: str
    removed: str
    fault: str
    edits: tuple[Edit, ...]
    red: frozenset[str]
    kubeadm: tuple[str, ...]
    kubelet: tuple[str, ...]
    never: tuple[str, ...]
    why: str

    def changes(self, plan: Plan) -> tuple[Edit | Partition, ...]:
        """What is done to the disk. Raises StopIteration for a fault that the plan has not."""
        if not self.fault:
            return self.edits
        return next(fault.edits for fault in plan.faults if fault.id == self.fault)


def load(path: Path = FILE) -> tuple[Trial, ...]:
    """The rows, in the order of the file."""
    return tuple(map(_trial, yaml.safe_load(path.read_text(encoding="utf-8"))))


def _trial(row: Mapping[str, Any]) -> Trial:
    edits = tuple(Edit(edit["path"], edit.get("content", "").encode() or None) for edit in row.get("edits", ()))
    return Trial(
        name=row["name"],
        removed=row.get("removed", ""),
        fault=row.get("fault", ""),
        edits=(limited.ON_CGROUP_V1,) if row.get("v1") else edits,
        red=frozenset(row.get("nodebake", ())),
        kubeadm=tuple(row.get("kubeadm", ())),
        kubelet=tuple(row["kubelet"]),
        never=tuple(row.get("never", ())),
        why=row.get("why", ""),
    )
