"""What `plan` tells: every value, where it comes from, and what lost against it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from generator.model import Implied, Origin, Plan
from generator.overview import values
from generator.overview.record import record
from generator.overview.text import text as told
from tests.settings.test_yields import EVERYTHING

LOST = Implied("sysctl", "net.ipv4.ip_forward", 1, "kubernetes.ip", "pods are routed", "a document")


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(EVERYTHING)


def _from(plan: Plan, key: str, origin: Origin) -> Plan:
    """The plan as if a preset had spoken of a parameter."""
    profile = dataclasses.replace(plan.profile, origins={**plan.profile.origins, ("sysctl", key): origin})
    return dataclasses.replace(plan, profile=profile)


DUAL = 'kubernetes: {version: "1.34", cni: cilium, ip: [ipv4, ipv6]}\n'


def test_every_value_is_told(plan: Plan) -> None:
    names = {value.name for value in values(plan)}
    assert names >= {"modules.overlay", "sysctl.vm.swappiness", "packages.conntrack", "files./etc/motd", "users.ops"}
    assert {expect.setting for expect in plan.expects if not expect.id.startswith("hygiene.")} | {"hygiene"} <= names


def test_zero_is_a_value(plan: Plan) -> None:
    assert [value.shown for value in values(plan) if value.key == "vm.swappiness"] == ["0"]


def test_lines_of_the_profile(planned: Callable[[str], Plan]) -> None:
    found = planned("modules:\n  - overlay\n  - br_netfilter\nsysctl:\n  vm.swappiness: 1\nswap: disabled\n")
    assert [(value.name, value.line) for value in values(found)] == [
        ("modules.overlay", 4),
        ("modules.br_netfilter", 5),
        ("modules.kernel-config", 3),
        ("swap", 8),
        ("sysctl.vm.swappiness", 7),
        ("hygiene", 1),  # every image; brought by what it is baked from
    ]


def test_a_value_of_a_preset(planned: Callable[[str], Plan]) -> None:
    """It says who brought it, why, and where that was read."""
    plan = _from(planned("sysctl: {vm.swappiness: 1}\n"), "vm.swappiness", Origin("kubernetes.ip", "of that", "a book"))
    text = told(plan)
    assert "  vm.swappiness  1  kubernetes.ip\n      because of that [a book]\n" in text
    row = record(plan)[0]
    assert row["origin"]["by"] == "kubernetes.ip"
    assert row["origin"]["why"] == "of that"
    assert row["origin"]["source"] == "a book"


def test_a_value_that_beat_a_preset(planned: Callable[[str], Plan]) -> None:
    plan = _from(planned("sysctl: {net.ipv4.ip_forward: 0}\n"), LOST.key, Origin("", overruled=(LOST,)))
    text = told(plan)
    assert "  net.ipv4.ip_forward  0  line 3\n" in text
    assert "      beats 1 of kubernetes.ip, which says: pods are routed [a document]\n" in text
    assert record(plan)[0]["overruled"] == [
        {"value": 1, "by": "kubernetes.ip", "why": "pods are routed", "source": "a document"}
    ]


def test_the_rows_keep_their_keys(plan: Plan) -> None:
    """Scripts lean on the first four."""
    rows = record(plan)
    assert [row["check"] for row in rows] == [expect.id for expect in plan.expects]
    for row in rows:
        assert list(row)[:4] == ["setting", "check", "want", "breaks"]
        assert row["origin"]["line"] > 0


def test_files_and_units(plan: Plan) -> None:
    text = told(plan)
    assert "/etc/sysctl.d/99-zz-nodebake.conf" in text
    assert "0440 root:root  users" in text
    assert "apt-daily.timer" in text
    assert all(file.path in text for _, file in plan.files)
    rows = {row["check"]: row for row in record(plan)}
    assert [file["path"] for file in rows["files./etc/motd.laid"]["files"]] == ["/etc/motd"]
    assert rows["files./opt/blob.laid"]["files"] == [
        {"path": "/opt/blob", "mode": "0600", "owner": "ops", "group": "ops"}
    ]


def test_an_empty_profile(planned: Callable[[str], Plan]) -> None:
    plan = planned("")
    assert record(plan) == []
    assert told(plan) == "node on Debian 13 (trixie)\n"


def test_one_reason_is_told_once(planned: Callable[[str], Plan]) -> None:
    plan = planned("kubernetes: {version: '1.34', cni: flannel}\n")
    text = told(plan)
    assert text.count("because kubelet sets it by itself") == 1
    assert "vm.overcommit_memory" in text
    assert text.index("kernel.keys.root_maxbytes") < text.index("because kubelet sets it by itself")


def test_the_user_beats_the_preset(planned: Callable[[str], Plan]) -> None:
    plan = planned("kubernetes: {version: '1.34', cni: flannel}\nsysctl: {kernel.panic: 30}\n")
    assert "line 4\n      beats 10 of kubernetes, which says: kubelet sets it by itself" in told(plan)
    lost = next(row["overruled"] for row in record(plan) if row["setting"] == "sysctl.kernel.panic")
    assert [(one["value"], one["by"]) for one in lost] == [(10, "kubernetes")]


def test_what_a_setting_derives_is_told(planned: Callable[[str], Plan]) -> None:
    plan = planned("kubernetes: {version: '1.34', cni: cilium}\n")
    assert "net.ipv4.conf.lxc*.rp_filter" in {value.key for value in values(plan) if value.stem == "kubernetes"}


def test_a_whole_setting_that_beat_a_preset(planned: Callable[[str], Plan]) -> None:
    plan = planned("kubernetes: {version: '1.34', cni: none}\nswap: {mode: limited, size: 2GiB}\n")
    text = told(plan)
    assert text.count("beats disabled of kubernetes, which says: kubelet stops where swap is on") == 1
    assert text.index("  size  ") < text.index("beats disabled")


def test_what_is_derived_comes_from_its_setting(planned: Callable[[str], Plan]) -> None:
    plan = planned("containerd: {}\n")
    origins = {value.name: value.origin.by for value in values(plan)}
    assert origins["modules.overlay"] == "containerd.snapshotter"
    assert origins["modules.kernel-config"] == "modules"
    assert origins["containerd.SystemdCgroup"] == "containerd"


def test_a_default_and_an_interface_say_why(planned: Callable[[str], Plan]) -> None:
    known = {value.name: value for value in values(planned(f"{DUAL}sysctl: {{net.ipv6.conf.eth0.accept_ra: 0}}\n"))}
    proxy, uplink = known["kubernetes.proxy"], known["kubernetes.net.ipv6.conf.eth*.accept_ra"]
    assert (proxy.shown, proxy.origin.by) == ("iptables", "kubernetes")
    assert proxy.origin.why == "it is kube-proxy's own default on Linux"
    assert (uplink.shown, uplink.origin.by) == ("2", "kubernetes.ip")
    assert uplink.origin.source.startswith("linux net/ipv6/ndisc.c")
    assert not known["sysctl.net.ipv6.conf.eth0.accept_ra"].origin.overruled  # 0 is left as it is, by the node too


def test_an_interface_that_beats_a_preset(planned: Callable[[str], Plan]) -> None:
    plan = planned(f"{DUAL}sysctl: {{net.ipv6.conf.eth0.accept_ra: 3}}\n")
    (value,) = (one for one in values(plan) if one.key.endswith("eth0.accept_ra"))
    assert [(lost.by, lost.value) for lost in value.origin.overruled] == [("kubernetes.ip", 2)]
    assert ["kubernetes.ip wants 2 here" in finding.sentence for finding in plan.warnings] == [True]
