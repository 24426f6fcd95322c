"""What may be in an image and what not: read off real file systems, which no guest runs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from generator import image_checks, judge, offline, proc
from generator.forms.reading import Readable
from generator.model import Edit, Partition, Plan
from generator.offline import Disk
from tests import images
from tests.settings.hygiene_cases import BAD, FINE, PEM

USERS = """\
modules: [overlay]
users:
  - {name: ops, sudo: true, ssh_authorized_keys: ["ssh-ed25519 AAAAC3Nz you@laptop"]}
  - {name: dev, sudo: false}
files:
  - {path: /etc/sudoers.d/ours, content: "ops ALL=(ALL) ALL\\n"}
  - {path: /etc/kubernetes/admin.conf, content: "the profile's\\n"}
  - {path: /etc/systemd/system/containerd.service.d/http-proxy.conf, content: "HTTP_PROXY=http://p\\n"}
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
    assert len(faults) >= 42
    groups = _apart([(fault.red, fault.edits) for fault in faults])
    assert len(groups) < 10
    for number, group in enumerate(groups):
        disk = images.disk(tmp_path / str(number), images.CLEAN)
        offline.edit(disk, [LINK, *(edit for _, edits in group for edit in edits)])
        assert _red(disk, plan).keys() == frozenset().union(*(red for red, _ in group))


Case = tuple[frozenset[str], Sequence[Edit | Partition]]  # the checks that it turns red, and what it does to an image


def _apart(cases: Sequence[Case]) -> list[list[Case]]:
    """Groups that one image can have at once, for to read one takes a second: other checks, and other paths."""
    groups: list[list[Case]] = []
    for case in cases:
        for group in groups:
            if not any(_meet(case, other) for other in group):
                group.append(case)
                break
        else:
            groups.append([case])
    return groups


def _meet(one: Case, other: Case) -> bool:
    paths = itertools.product(
        *([f"{edit.path}/" for edit in edits if isinstance(edit, Edit)] for _, edits in (one, other))
    )
    return bool(one[0] & other[0]) or any(a.startswith(b) or b.startswith(a) for a, b in paths)


@pytest.mark.parametrize("group", _apart([(frozenset(), edits) for edits in FINE.values()]), ids=lambda _: "")
def test_what_may_be_there(clean: Disk, plan: Plan, group: list[Case]) -> None:
    offline.edit(clean, [edit for _, edits in group for edit in edits])
    assert not _red(clean, plan)


FOUND = {id(edits): {f"hygiene.{check}": found} for check, found, edits in BAD}
GROUPS = _apart([(frozenset([f"hygiene.{check}"]), edits) for check, _, edits in BAD])


@pytest.mark.parametrize("group", GROUPS, ids=map(str, range(len(GROUPS))))
def test_what_may_not(clean: Disk, plan: Plan, group: list[Case]) -> None:
    offline.edit(clean, [edit for _, edits in group for edit in edits])
    assert _red(clean, plan) == {check: told for _, edits in group for check, told in FOUND[id(edits)].items()}


def test_a_deleted_key_is_still_there(clean: Disk, plan: Plan) -> None:
    """Its blocks are nobody's, until something is written over them."""
    offline.edit(clean, [Edit("/opt/key", PEM.encode()), Edit("/opt/key", None)])
    red = _red(clean, plan)
    assert red.keys() == {"hygiene.private-keys"}
    assert re.fullmatch(r"no file, but byte \d+ of the disk", red["hygiene.private-keys"])


def test_a_partition_that_cannot_be_read_is_no_clean_one(clean: Disk, plan: Plan) -> None:
    kind = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
    offline.edit(clean, [Partition(kind, 1, b"no file system")])
    assert _red(clean, plan).keys() == {"hygiene.esp-random-seed"}


def test_no_secret_is_told(clean: Disk, plan: Plan) -> None:
    """What was read stands in reports: where a secret is, and not what it says."""
    secrets = [fault for fault in plan.faults if fault.id.startswith("hygiene.")]
    offline.edit(clean, [edit for fault in secrets for edit in fault.edits])
    told = "".join(image_checks.lines(image_checks.observe(clean, plan)))
    assert "/etc/apt/auth.conf.d/mirror.conf" in told
    assert "kept" not in told
    assert "bm9kZWJha2U" not in told


OTHER = "hygiene.esp-random-seed.kept"  # of another file system than the root's


def test_sysprep_takes_out_what_every_fault_puts_in(tmp_path: Path, plan: Plan) -> None:
    """All at once; what stays is of the base's own making, and somebody has to look at it."""
    root = images.tree(tmp_path, images.CLEAN)
    (root / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    faults = [fault for fault in plan.faults if fault.id.startswith("hygiene.") and fault.id not in OTHER]
    edits = [edit for fault in faults for edit in fault.edits if isinstance(edit, Edit)]
    for edit in edits:
        path = root / edit.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if edit.content is not None:
            path.unlink(missing_ok=True) if path.is_symlink() else None
            path.write_bytes((path.read_bytes() if edit.append else b"") + edit.content)
            path.chmod(int(edit.mode, 8))
    disk = images.disk_of(tmp_path, root)
    assert _red(disk, plan).keys() == {red for fault in faults for red in fault.red}
    images.sysprep(root)
    assert _red(images.disk_of(tmp_path, root), plan).keys() == {
        "hygiene.accounts",
        "hygiene.sudoers",
        "hygiene.authorized-keys",
        "hygiene.private-keys",
    }


def test_a_disk_that_cannot_be_read_is_no_clean_image(tmp_path: Path, plan: Plan) -> None:
    disk = images.disk(tmp_path, {"lost": ""})
    with pytest.raises(Exception, match="it has no /etc"):
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
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", clean.path, image])
    assert image_checks.of_image(Readable(image, "qcow2"), plan, work) == image_checks.observe(clean, plan)
    assert not list(work.iterdir())
