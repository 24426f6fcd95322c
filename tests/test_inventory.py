"""Nothing that proves a node can be deleted unseen: each expectation has its fault, and all are in the inventory."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable

import pytest

from generator import checks, clones, settings
from generator.model import Plan
from tests import inventory, matrix

AGAIN = "run `make inventory`, and look at what it changed"


@functools.cache
def made(name: str, base: str) -> Plan:
    return inventory.made(name, base)


@pytest.fixture(params=inventory.CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


@pytest.fixture
def plan(case: tuple[str, str]) -> Plan:
    return made(*case)


def test_every_expectation_has_a_fault(plan: Plan) -> None:
    reds = {red for fault in plan.faults for red in fault.red}
    assert [expect.id for expect in plan.expects if expect.id not in reds] == []


def test_every_fault_turns_something_red_that_there_is(plan: Plan) -> None:
    known = {expect.id for expect in plan.expects}
    assert [fault.id for fault in plan.faults if not fault.red or not fault.red <= known] == []
    assert [fault.id for fault in plan.faults if not fault.edits or not fault.story] == []


def test_no_name_stands_twice(plan: Plan) -> None:
    names = Counter([expect.id for expect in plan.expects] + [fault.id for fault in plan.faults])
    assert [name for name, times in names.items() if times > 1] == []


def test_nothing_is_missing(case: tuple[str, str], plan: Plan) -> None:
    assert inventory.differences(inventory.lines(plan), inventory.file(*case)) == [], AGAIN


def test_every_deletion_is_missed(case: tuple[str, str], plan: Plan) -> None:
    """Each one in turn, as if its line were gone from the code: the comparison names it, and nothing else."""
    for field, kind in (("expects", ("check", "probe")), ("faults", ("fault",))):
        rows = getattr(plan, field)
        for number, row in enumerate(rows):
            left = dataclasses.replace(plan, **{field: rows[:number] + rows[number + 1 :]})
            missed = inventory.differences(inventory.lines(left), inventory.file(*case))
            assert [line.split(": ")[0].removeprefix("-") for line in missed] in [[f"{word} {row.id}"] for word in kind]


def test_a_fault_that_turns_less_red_is_missed(case: tuple[str, str], plan: Plan) -> None:
    for number, fault in enumerate(plan.faults):
        less = dataclasses.replace(fault, red=frozenset(sorted(fault.red)[1:]))
        changed = dataclasses.replace(plan, faults=(*plan.faults[:number], less, *plan.faults[number + 1 :]))
        assert len(inventory.differences(inventory.lines(changed), inventory.file(*case))) == 2


def test_every_kind_of_check_is_in_the_inventory() -> None:
    assert inventory.differences(inventory.kinds(), inventory.KINDS) == [], AGAIN


@pytest.mark.parametrize("kind", sorted(checks.KINDS))
def test_a_kind_that_is_deleted_is_missed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "KINDS", {name: check for name, check in checks.KINDS.items() if name != kind})
    assert [line.split(":")[0] for line in inventory.differences(inventory.kinds(), inventory.KINDS)] == [f"-{kind}"]


def test_what_no_image_may_hold_is_looked_for_in_clones_or_there_is_a_reason() -> None:
    rows = list(inventory.of_clones())
    assert inventory.differences(rows, inventory.CLONES) == [], AGAIN
    assert [row for row in rows if row.endswith("NOTHING LOOKS")] == []
    assert {row.partition(": ")[0] for row in rows} >= inventory.BOOTED.keys()
    assert [key for key, row in inventory.BOOTED.items() if len(row) != 1] == []


def test_every_kind_and_every_setting_is_used() -> None:
    """Else a kind could be there that no fault has ever turned red."""
    plans = [made(*case) for case in inventory.CASES]
    ours = {expect.kind for plan in plans for expect in clones.watched(plan).expects}
    assert set(checks.KINDS) - ours == {"cloud-init"}  # verify's own, of every image
    assert {stem for plan in plans for stem in plan.settings} == set(settings.stems())


def test_the_inventory_holds_no_other_files() -> None:
    kept = {path.name for path in inventory.HERE.glob("*.txt")}
    files = {inventory.file(*case).name for case in inventory.CASES}
    assert kept == {*files, inventory.KINDS.name, inventory.CLONES.name}


SHAPES = [
    'packages: ["libc6:amd64", "g++", "jq=1:1.7~rc1+dfsg-1"]',
    "services: {a@b.service: enabled, c.path: disabled, d-e.mount: masked, swap.target: disabled}",
    "users: [{name: one}, {name: two, groups: [two]}, {name: three, shell: /usr/sbin/nologin, groups: [three, adm]}]",
    'files: [{path: /etc/sysctl.d/zz-later.conf, content: ""}, {path: /x, content: "", mode: "7777", owner: nobody}]',
    "modules: [ext4]",
    "modules: [ip_vs_sh, br-netfilter, ip_tables, nft_masq, wireguard]",
    "sysctl: {kernel.domainname: example, net.core.default_qdisc: fq, kernel.printk: 4 4 1 7}",
    "sysctl: {net.ipv4.conf.all.forwarding: 0, net.ipv4.conf.default.forwarding: 1, net.ipv4.conf.eth0/1.rp_filter: 2}",
    "sysctl: {vm.dirty_ratio: 5, vm.overcommit_ratio: 50, net.ipv4.tcp_congestion_control: cubic}",
    "containerd: {}",
    "containerd: {snapshotter: native}\nmodules: [overlay]",
    "containerd: {}\nkubelet: {version: '1.28.0', tools: []}",
    "containerd: {}\nkubelet: {version: '1.32.1', plugins: containernetworking-plugins, tools: [kubectl]}",
    "containerd: {SystemdCgroup: false}\nswap: {mode: limited, size: 1GiB}\nkubelet: {version: '1.35.1'}",
    "swap: {mode: limited, size: 16MiB}\nmodules: [zram]",
    "swap: {mode: limited, size: 1GiB, device: zram}",
    *(
        f"kubernetes: {{version: '1.34', cni: {cni}, ip: [ipv4, ipv6], swap: {swap}}}"
        for cni in matrix.choices("cni")
        for swap in ("disabled", "limited")
    ),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_setting_is_complete(planned: Callable[[str], Plan], shape: str) -> None:
    plan = planned(f"{shape}\n")
    test_every_expectation_has_a_fault(plan)
    test_every_fault_turns_something_red_that_there_is(plan)
    test_no_name_stands_twice(plan)


def test_the_shipped_profile_has_enough() -> None:
    assert len(made("k8s-node", "debian-13").faults) >= 25
