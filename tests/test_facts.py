"""The rows about Kubernetes are whole: each has its source, names what there is, and can hold."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from generator import distro
from generator.facts import choice, conflicts, modules, needs, read, versions
from generator.facts.versions import Version
from tests import matrix

ROWS = (*needs.rows(), *conflicts.rows())
ALL = [
    choice.Choice(version, cni, proxy, ip, swap)
    for version, cni, proxy, ip, swap in itertools.product(
        versions.known(), matrix.choices("cni"), matrix.choices("proxy"), matrix.FAMILIES, matrix.choices("swap")
    )
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.source)
def test_every_row_has_a_source_and_can_hold(row: needs.Need | conflicts.Conflict) -> None:
    assert row.source
    assert any(row.when.holds(chosen) for chosen in ALL)
    assert set(row.when.feature) <= set(versions.features())


@pytest.mark.parametrize("key", ["cni", "proxy", "swap"])
def test_rows_name_what_the_schema_takes(key: str) -> None:
    assert {name for row in ROWS for name in getattr(row.when, key)} <= set(matrix.choices(key))


def test_programs_have_packages() -> None:
    programs = {name for need in needs.rows() for name in need.programs}
    for known in distro.known():
        assert programs <= set(distro.load(known).programs)


def test_other_files_have_sources() -> None:
    assert all(row["source"] for row in (*read("modules")["parameters"], *read("modules")["gone"], *read("choice")))
    assert all(feature.source and feature.what for feature in versions.features().values())


@pytest.mark.parametrize(
    ("settings", "version"),
    [
        ({}, None),
        ({"kubernetes": {"version": "1.34"}, "kubelet": {}}, Version(1, 34)),
        ({"kubelet": {"version": "1.29.4"}}, Version(1, 29)),
        ({"kubelet": {}}, None),
    ],
)
def test_the_version_of_a_node(settings: dict[str, Any], version: Version | None) -> None:
    assert versions.of_node(settings) == version


def test_versions_are_text() -> None:
    """1.30 as a number would be 1.3."""
    assert versions.parse("1.30") == Version(1, 30) > Version(1, 3) == versions.parse("1.3.9")
    assert str(versions.parse("1.30.4")) == "1.30"
    assert all(isinstance(key, str) for row in read("versions")["features"].values() for key in row["stages"])


@pytest.mark.parametrize(
    ("feature", "stages"),
    [
        ("NodeSwap", {22: "alpha", 27: "alpha", 28: "beta off", 29: "beta off", 30: "beta", 33: "beta", 34: "stable"}),
        ("UnlimitedSwap", {22: "alpha", 29: "beta off", 30: "removed", 37: "removed"}),
        ("swap-stops-kubeadm", {22: "stable", 23: "removed"}),
        ("kubeadm-bridge-check", {29: "stable", 30: "removed"}),
        ("kubeadm-conntrack-check", {31: "stable", 32: "removed"}),
        ("kubeadm-network-programs-check", {32: "stable", 33: "removed"}),
        ("kubeadm-losetup-check", {32: "absent", 33: "stable"}),
        ("kubelet-on-cgroup-v1", {34: "stable", 35: "removed"}),
        ("kube-proxy-ipvs", {34: "stable", 35: "deprecated"}),
        ("NFTablesProxyMode", {28: "absent", 29: "alpha", 31: "beta", 33: "stable"}),
    ],
)
def test_what_changed_when(feature: str, stages: dict[int, str]) -> None:
    assert {minor: versions.stage(feature, Version(1, minor)) for minor in stages} == stages


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"cni": "flannel"}, ("iptables", ("ipv4",), "disabled")),
        ({"cni": "calico-ebpf"}, ("none", ("ipv4",), "disabled")),
        ({"cni": "calico-nftables"}, ("nftables", ("ipv4",), "disabled")),
        ({"cni": "calico-ebpf", "proxy": "iptables"}, ("iptables", ("ipv4",), "disabled")),
        ({"cni": "none", "ip": ["ipv6", "ipv4"], "swap": "limited"}, ("iptables", ("ipv6", "ipv4"), "limited")),
    ],
)
def test_what_is_left_out(said: dict[str, object], wanted: tuple[object, ...]) -> None:
    found = choice.of({"version": "1.34", **said})
    assert (found.proxy, found.ip, found.swap) == wanted


@pytest.mark.parametrize(
    ("key", "value", "module"),
    [
        ("net.bridge.bridge-nf-call-arptables", 0, "br_netfilter"),
        ("net.netfilter.nf_conntrack_tcp_timeout_established", 1, "nf_conntrack"),
        ("net.ipv4.vs.conntrack", 1, "ip_vs"),
        ("net.ipv4.tcp_congestion_control", "bbr", "tcp_bbr"),
        ("net.ipv4.tcp_congestion_control", "cubic", ""),
        ("net.netfilter.nf_log.2", "NONE", ""),
        ("net.ipv4.ip_forward", 1, ""),
    ],
)
def test_which_module_brings_it(key: str, value: object, module: str) -> None:
    assert modules.bringing(key, value) == module
