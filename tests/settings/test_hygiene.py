"""What may be in an image and what not: read off real file systems, which no guest runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from generator import image_checks, judge, offline
from generator.model import Edit, Plan
from generator.offline import Disk
from tests import images

USERS = """\
modules: [overlay]
users:
  - {name: ops, sudo: true, ssh_authorized_keys: ["ssh-ed25519 AAAAC3Nz you@laptop"]}
  - {name: dev, sudo: false}
files:
  - {path: /etc/sudoers.d/ours, content: "ops ALL=(ALL) ALL\\n"}
"""
LINK = Edit("/var/lib/dbus/machine-id", None, link="/etc/machine-id")


@pytest.fixture
def clean(tmp_path: Path) -> Disk:
    disk = images.disk(tmp_path, images.CLEAN)
    offline.edit(disk, [LINK])
    return disk


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(USERS)


def _red(disk: Disk, plan: Plan) -> dict[str, str]:
    verdicts = judge.image(plan, image_checks.observe(disk, plan))
    assert {verdict.boot for verdict in verdicts} == {0}
    return {verdict.expect.id: verdict.found for verdict in verdicts if verdict.status != "pass"}


def test_a_clean_image(clean: Disk, plan: Plan) -> None:
    assert not _red(clean, plan)
    assert {expect.id for expect in plan.expects if expect.id.startswith("hygiene.")} == {
        verdict.expect.id for verdict in judge.image(plan, image_checks.observe(clean, plan))
    }


def test_every_fault_turns_red_what_it_says(tmp_path: Path, plan: Plan) -> None:
    faults = [fault for fault in plan.faults if fault.id.startswith("hygiene.")]
    assert len(faults) >= 9
    for fault in faults:
        work = tmp_path / fault.id
        disk = images.disk(work, images.CLEAN)
        offline.edit(disk, [LINK, *fault.edits])
        assert _red(disk, plan).keys() == fault.red, fault.id


OPS = "ops:x:1000:1000::/home/ops:/bin/bash\n"
FINE = {
    "uninitialized": [Edit("/etc/machine-id", b"uninitialized\n")],
    "no machine-id": [Edit("/etc/machine-id", None), Edit("/var/lib/dbus/machine-id", None)],
    "the profile's users": [
        Edit("/etc/passwd", (OPS + OPS.replace("ops", "dev")).encode(), append=True),
        Edit("/home/ops/.ssh/authorized_keys", b"ssh-ed25519 AAAAC3Nz you@laptop\n"),
        Edit("/etc/sudoers.d/90-nodebake-ops", b"ops ALL=(ALL:ALL) NOPASSWD: ALL\n"),
    ],
    "the profile's file": [Edit("/etc/sudoers.d/ours", b"ops ALL=(ALL) ALL\n")],
    "keys that are none": [Edit("/root/.ssh/authorized_keys", b"# nobody\n\n")],
    "a seed of cloud-init": [Edit("/var/lib/cloud/seed/nocloud/meta-data", b"{}")],
}


@pytest.mark.parametrize("edits", FINE.values(), ids=FINE)
def test_what_may_be_there(clean: Disk, plan: Plan, edits: Sequence[Edit]) -> None:
    offline.edit(clean, edits)
    assert not _red(clean, plan)


BAD = [
    ("machine-id", "f" * 32, [Edit("/etc/machine-id", b"f" * 32 + b"\n")]),
    ("machine-id", "a symlink", [Edit("/etc/machine-id", None, link="/run/machine-id")]),
    ("dbus-machine-id", "a regular file", [Edit("/var/lib/dbus/machine-id", b"")]),
    ("dbus-machine-id", "a link to /etc/other", [Edit("/var/lib/dbus/machine-id", None, link="/etc/other")]),
    ("host-keys", "/etc/ssh/ssh_host_rsa_key", [Edit("/etc/ssh/ssh_host_rsa_key", b"")]),
    ("host-keys", "/etc/ssh/ssh_host_x", [Edit("/etc/ssh/ssh_host_x", None, link="/run/gone")]),
    ("cloud-init", "/var/lib/cloud/instance", [Edit("/var/lib/cloud/instance", None, link="instances/i-1")]),
    ("cloud-init", "/var/lib/cloud/instances", [Edit("/var/lib/cloud/instances/i-1/user-data.txt", b"")]),
    ("accounts", "vagrant", [Edit("/etc/passwd", b"vagrant:x:1000:1000::/home/vagrant:/bin/sh\n", append=True)]),
    ("accounts", "toor", [Edit("/etc/passwd", b"toor:x:0:0::/root:/bin/sh\n", append=True)]),
    ("accounts", "/etc/passwd has no root", [Edit("/etc/passwd", b"")]),
    ("sudoers", "/etc/sudoers.d/README", [Edit("/etc/sudoers.d/README", b"x ALL=(ALL) ALL\n")]),
    ("sudoers", "/etc/sudoers.d/90-nodebake-dev", [Edit("/etc/sudoers.d/90-nodebake-dev", b"dev ALL=(ALL) ALL\n")]),
    ("sudoers", "/etc/sudoers", [Edit("/etc/sudoers", b"#includedir /tmp/rules\n")]),
    ("sudoers", "/etc/sudoers.d/uid", [Edit("/etc/sudoers.d/uid", b"#1000 ALL=(ALL) ALL\n")]),
    ("sudoers", "/etc/sudoers.d/link", [Edit("/etc/sudoers.d/link", None, link="/opt/rules")]),
    ("authorized-keys", "/root/.ssh/authorized_keys", [Edit("/root/.ssh/authorized_keys", b"ssh-rsa A b\n")]),
    ("authorized-keys", "/home/x/.ssh/authorized_keys2", [Edit("/home/x/.ssh/authorized_keys2", b"ssh-rsa A b\n")]),
    ("authorized-keys", "/var/lib/x/.ssh/authorized_keys", [Edit("/var/lib/x/.ssh/authorized_keys", b"ssh-rsa A\n")]),
]


@pytest.mark.parametrize(("check", "found", "edits"), BAD)
def test_what_may_not(clean: Disk, plan: Plan, check: str, found: str, edits: Sequence[Edit]) -> None:
    offline.edit(clean, edits)
    assert _red(clean, plan) == {f"hygiene.{check}": found}


def test_a_disk_that_cannot_be_read_is_no_clean_image(tmp_path: Path, plan: Plan) -> None:
    disk = images.disk(tmp_path, {"lost": ""})
    with pytest.raises(Exception, match="it has no /etc, or is not ext4"):
        image_checks.observe(disk, plan)


def test_what_nobody_read_is_unobserved(plan: Plan) -> None:
    assert {verdict.status for verdict in judge.image(plan, {})} == {"unobserved"}


def test_a_profile_that_asks_for_nothing_proves_nothing(planned: Callable[[str], Plan]) -> None:
    assert not planned("").expects


def test_written_out_it_is_the_same(planned: Callable[[str], Plan]) -> None:
    assert planned("swap: disabled\nhygiene: clean\n").expects == planned("swap: disabled\n").expects
    assert planned("hygiene: clean\n").settings == ("hygiene",)


def test_a_qcow2_and_nothing_left_behind(tmp_path: Path, clean: Disk, plan: Plan) -> None:
    image, work = tmp_path / "image.qcow2", tmp_path / "work"
    work.mkdir()
    offline.proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", clean.path, image])
    assert image_checks.of_image(image, plan, work) == image_checks.observe(clean, plan)
    assert not list(work.iterdir())
