"""All that a build may leave behind, left at once: two clones of such an image tell of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import offline, proc
from generator import plan as planning
from generator.model import Edit, Partition, Plan
from generator.settings.hygiene import left
from tests.boots.conftest import Ran

pytestmark = [pytest.mark.boots, pytest.mark.long]

# With it cloud-init does not run, and so nothing is asked; another file of its row is laid.
OFF = "hygiene.cloud-init-choices.kept"
INSTALLED = Edit("/etc/cloud/cloud.cfg.d/99-installer.cfg", b"#cloud-config\n{}\n")
# What is no row: by the machine-id that both have, and by the other faults.
ALSO = {"machine-id", "bridge-mac", "hostname", "passwords", "accounts", "sudoers", "authorized-keys", "sshd"}
# The server gives both one address as soon as they ask in turn: in which boot that is, is not said.
ONE_LEASE = {"address", "lease", "client-id"}


def _edits(plan: Plan) -> list[Edit | Partition]:
    faults = [fault for fault in plan.faults if fault.id.startswith("hygiene.") and fault.id != OFF]
    return [*(edit for fault in faults for edit in fault.edits), INSTALLED]


def test_clones_of_an_image_with_everything_left(
    tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]
) -> None:
    path = profile("debian-13")
    built = nodebake("build", path, "-o", tmp_path)
    assert built.code == 0
    raw, bad = tmp_path / "bad.raw", tmp_path / "bad.qcow2"
    offline.edit(offline.copy(Path(built.out.strip()), raw), _edits(planning.load(str(path))))
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, bad])
    verified = nodebake("verify", bad, "--profile", path, "--clones", "--format", "json")
    assert verified.code == 1, verified.out
    failed = [verdict["check"] for verdict in json.loads(verified.out)["verdicts"] if verdict["status"] == "fail"]
    red = {check.removeprefix("clones.") for check in failed if check.startswith("clones.")}
    rows = {f"{key}.new" if row.booted == "new" else key for key, row in left.rows().items()}
    assert red - ONE_LEASE == rows | ALSO
    assert red & ONE_LEASE
