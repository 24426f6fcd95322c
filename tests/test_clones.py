"""What the host says of two clones, by what each told of itself and what the DHCP server told of both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator import clones
from generator.clones import left
from generator.model import Plan
from tests.clone_streams import SETTINGS, boot, judge, machine, wrong


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(SETTINGS)


def test_two_machines(plan: Plan) -> None:
    one, other = machine("1"), machine("2")
    verdicts = judge(plan, (one, {**one, "clones.random-seed": "3 -"}), (other, {**other, "clones.random-seed": "4"}))
    assert not wrong(verdicts)
    assert {v.expect.id for v in verdicts} == {
        *(expect.id for expect in clones.expects(plan)),
        *(expect.id for expect in left.alone(plan)),
        "clones.machine-id.kept",
        "clones.host-keys.kept",
        "clones.disabled-units",
        "clones.same",
    }
    found = {(verdict.expect.id, verdict.boot): verdict.found for verdict in verdicts}
    assert found["clones.address", 2] == "10.77.0.11 and 10.77.0.12"
    assert found["clones.client-id", 1] == "ff:11 and ff:22"


@pytest.mark.parametrize("name", ["machine-id", "host-keys", "random-seed", "bridge-mac", "address"])
def test_the_same_on_both(plan: Plan, name: str) -> None:
    one, other = machine("1"), machine("2")
    other[f"clones.{name}"] = one[f"clones.{name}"]
    verdicts = judge(plan, (one, one), (other, other))
    assert wrong(verdicts) == {(name, 1): "fail", (name, 2): "fail"}
    assert next(v.found for v in verdicts if v.status == "fail").startswith("both have ")


def test_one_key_of_several(plan: Plan) -> None:
    """As when an image kept one, and the others were made."""
    one, other = machine("1"), machine("2")
    other["clones.host-keys"] = "ssh-ed25519 AAAA1111 root@b\nssh-rsa BBBB2222 root@b\n"
    assert wrong(judge(plan, (one, one), (other, other))) == {
        ("host-keys", 1): "fail",
        ("host-keys", 2): "fail",
    }


def test_one_lease_for_both(plan: Plan) -> None:
    one, other = machine("1"), {**machine("2"), "clones.lease": "10.77.0.11 ff:11"}
    assert wrong(judge(plan, (one, one), (other, other))) == {
        (name, number): "fail" for name in ("lease", "client-id") for number in (1, 2)
    }


@pytest.mark.parametrize(
    ("name", "told", "found"),
    [
        ("machine-id", "uninitialized\n", "one: uninitialized; the other: " + "2" * 32),
        ("lease", "", "one: the server leased it none; the other: 10.77.0.12"),
        ("bridge-mac", "RTNETLINK answers: Operation not supported\n", None),
        ("address", "", "one: none in 10.77.0.0/24; the other: 10.77.0.12"),
        ("host-keys", "", None),
        ("random-seed", "", None),
    ],
)
def test_what_a_machine_has_not(plan: Plan, name: str, told: str, found: str | None) -> None:
    one, other = machine("1"), machine("2")
    one[f"clones.{name}"] = told
    verdicts = judge(plan, (one, one), (other, other))
    assert wrong(verdicts)[name, 1] == "fail"
    assert found is None or found in {verdict.found for verdict in verdicts}


@pytest.mark.parametrize("name", ["machine-id", "host-keys", "random-seed", "bridge-mac", "address", "lease"])
def test_what_was_not_told_is_unobserved(plan: Plan, name: str) -> None:
    one, other = machine("1"), machine("2")
    del other[f"clones.{name}"]
    bad = wrong(judge(plan, (one, one), (other, other)))
    assert bad[name, 1] == bad[name, 2] == "unobserved"


def test_a_machine_that_told_nothing(plan: Plan) -> None:
    one = boot(plan, machine("1"), "a")
    verdicts = clones.judge(plan, [one, one], [None, None])
    assert {v.status for v in verdicts if v.expect.id != "clones.same"} == {"unobserved"}
    assert next(v.status for v in verdicts if v.expect.id == "clones.same") == "fail"


@pytest.mark.parametrize("name", ["machine-id", "host-keys"])
def test_forgotten_by_a_reboot(plan: Plan, name: str) -> None:
    one, other, third = machine("1"), machine("2"), machine("3")
    after = {**other, f"clones.{name}": third[f"clones.{name}"]}
    assert wrong(judge(plan, (one, one), (other, after))) == {(f"{name}.kept", 2): "fail"}


def test_a_unit_that_the_first_boot_enabled(plan: Plan) -> None:
    one, other = machine("1"), machine("2")
    for told in (one, other):
        told["services.fstrim.timer.disabled"] = "enabled running\n"
    verdicts = judge(plan, (one, one), (other, other))
    assert wrong(verdicts) == {("disabled-units", 1): "fail"}
    assert "fstrim.timer enabled running" in {verdict.found for verdict in verdicts}


NAMES = {
    "initiatorname": "## DO NOT EDIT\nInitiatorName=iqn.1993-08.org.debian:01:{0}{0}\n",
    "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:{0}{0}\n",
    "hostid": "{0}{0}-{0}\n",
}


@pytest.mark.parametrize("same", ["", *NAMES])
def test_names_on_storage_networks(planned: Callable[[str], Plan], same: str) -> None:
    """Of a profile that installs what makes them. One that both have is found, and nothing else is."""
    plan = planned("packages: [open-iscsi, nvme-cli]\n")
    one, other = (
        machine(which)
        | {
            f"{of}.{name}": text.format(which)
            for name, text in NAMES.items()
            for of in ("clones", "hygiene.storage-names")
        }
        | {"packages.open-iscsi.installed": "installed", "packages.nvme-cli.installed": "installed"}
        for which in "12"
    )
    if same:
        for of in ("clones", "hygiene.storage-names"):
            other[f"{of}.{same}"] = one[f"{of}.{same}"]
    known = {expect.id for expect in clones.watched(plan).expects}
    one, other = ({name: text for name, text in told.items() if name in known} for told in (one, other))
    verdicts = judge(plan, (one, one), (other, other))
    assert wrong(verdicts) == ({(same, 1): "fail", (same, 2): "fail"} if same else {})
    assert {f"clones.{name}.kept" for name in NAMES} <= {verdict.expect.id for verdict in verdicts}


def test_what_differs_otherwise(plan: Plan) -> None:
    one, other = machine("1"), machine("2")
    other["services.ssh.service.enabled"] = "disabled stopped\n"
    verdicts = judge(plan, (one, one), (other, other))
    assert wrong(verdicts) == {("same", 2): "fail"}
    assert "differ between the two: services.ssh.service.enabled" in {verdict.found for verdict in verdicts}


def test_no_unit_was_disabled(planned: Callable[[str], Plan]) -> None:
    plan = planned("swap: disabled\n")
    told = [{name: text for name, text in machine(one).items() if name.startswith("clones.")} for one in "12"]
    assert "clones.disabled-units" not in {v.expect.id for v in judge(plan, *((one, one) for one in told))}
