"""The preset: what it brings to whom, by which of its keys, and what the profile's own values do to that."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import data, profile
from generator import plan as planning
from generator.model import Origin, Plan
from tests.conftest import ROOT

FLANNEL = 'kubernetes: {version: "1.34", cni: flannel}\n'
PIN = f"base: {{url: https://example.org/x.qcow2, sha256: {'a' * 64}, distro: debian-12}}\n"


def _origin(plan: Plan, stem: str, key: str) -> Origin:
    return plan.profile.origins[stem, key]


def test_every_value_knows_where_it_comes_from(planned: Callable[[str], Plan]) -> None:
    plan = planned('kubernetes: {version: "1.28", cni: flannel, proxy: ipvs, ip: [ipv4]}\n')
    by = {key: origin.by for (_, key), origin in plan.profile.origins.items()}
    assert by["br_netfilter"] == "kubernetes.cni"
    assert by["ip_vs"] == "kubernetes.proxy"
    assert by["net.ipv4.ip_forward"] == "kubernetes.ip"
    assert by["conntrack"] == "kubernetes.version"
    assert by["vm.overcommit_memory"] == "kubernetes"
    assert all(origin.why and origin.source for place, origin in plan.profile.origins.items() if origin.by and place[1])


def test_a_key_that_was_left_out_is_not_named(planned: Callable[[str], Plan]) -> None:
    plan = planned(FLANNEL)
    assert _origin(plan, "sysctl", "net.ipv4.ip_forward").by == "kubernetes"
    assert _origin(plan, "modules", "nf_conntrack").by == "kubernetes"
    assert plan.profile.place(("sysctl", "net.ipv4.ip_forward")) == (3, 1)


def test_the_profiles_own_value_wins(planned: Callable[[str], Plan]) -> None:
    plan = planned(FLANNEL + "sysctl: {vm.panic_on_oom: 1, vm.swappiness: 0}\n")
    assert plan.profile.settings["sysctl"]["vm.panic_on_oom"] == 1
    assert [lost.value for lost in _origin(plan, "sysctl", "vm.panic_on_oom").overruled] == [0]
    assert any(step.call == ("sysctl_set", "vm/panic_on_oom", "1") for step in plan.steps)
    assert [str(finding.path) for finding in plan.warnings] == ["sysctl.vm.panic_on_oom"]


@pytest.mark.parametrize(("limit", "told"), [(8191, 1), (8192, 0), (65536, 0), ('"65536"', 0)])
def test_a_larger_limit_serves(planned: Callable[[str], Plan], limit: object, told: int) -> None:
    assert len(planned(f"{FLANNEL}sysctl: {{fs.inotify.max_user_instances: {limit}}}\n").warnings) == told


def test_the_profiles_own_swap_wins(planned: Callable[[str], Plan]) -> None:
    plan = planned(FLANNEL + "swap: disabled\n")
    assert _origin(plan, "swap", "").by == ""
    assert not plan.warnings


def test_limited_swap_has_a_size_that_the_profile_may_change(planned: Callable[[str], Plan]) -> None:
    plan = planned('kubernetes: {version: "1.34", cni: none, swap: limited}\n')
    assert plan.profile.settings["swap"] == {"mode": "limited", "size": "2GiB"}
    own = planned('kubernetes: {version: "1.34", cni: none, swap: limited}\nswap: {mode: limited, size: 8GiB}\n')
    assert own.profile.settings["swap"] == {"mode": "limited", "size": "8GiB"}
    assert not own.warnings


@pytest.mark.parametrize(
    ("settings", "packages"),
    [
        (FLANNEL, ["iptables"]),
        ('kubernetes: {version: "1.31", cni: flannel}\n', ["iptables", "conntrack"]),
        (FLANNEL + "packages: [iptables, socat]\n", ["iptables", "socat"]),
        # What a base that nodebake did not build lacks is not known; kubeadm asks for ip before 1.33.
        (PIN + FLANNEL.replace("1.34", "1.32"), ["iproute2", "iptables"]),
        (PIN + FLANNEL, ["iptables"]),
    ],
)
def test_packages(planned: Callable[[str], Plan], settings: str, packages: list[str]) -> None:
    assert planned(settings).profile.settings["packages"] == packages


@pytest.mark.parametrize(
    ("settings", "folder"),
    [
        (FLANNEL + "containerd: {}\n", "/opt/cni/bin"),
        (FLANNEL + "containerd: {bin_dir: /srv/cni}\n", "/srv/cni"),
        ('kubernetes: {version: "1.34", cni: none}\ncontainerd: {}\n', None),
    ],
)
def test_containerd_looks_where_the_plugin_is(
    planned: Callable[[str], Plan], settings: str, folder: str | None
) -> None:
    """Debian's looks in /usr/lib/cni, where no plugin puts itself."""
    assert planned(settings).profile.settings["containerd"].get("bin_dir") == folder


def test_no_containerd_is_brought(planned: Callable[[str], Plan]) -> None:
    assert "containerd" not in planned(FLANNEL).settings


def test_interfaces_are_set_before_the_node_forwards(planned: Callable[[str], Plan]) -> None:
    plan = planned('kubernetes: {version: "1.34", cni: cilium, ip: [ipv6]}\n')
    calls = [step.call for step in plan.steps]
    uplink = calls.index(("interfaces_set", "net/ipv6/conf/en*/accept_ra", "2", "0"))
    assert uplink < calls.index(("sysctl_set", "net/ipv6/conf/all/forwarding", "1"))
    assert ("interfaces_set", "net/ipv4/conf/lxc*/rp_filter", "0") in calls
    text = next(file.content.decode() for _, file in plan.files if file.path.endswith("interfaces.conf"))
    assert "\nnet.ipv6.conf.eth*.accept_ra = 2\n" in text


def test_an_interface_of_its_own_is_no_witness(planned: Callable[[str], Plan]) -> None:
    """eth0 is as the profile says; what is asked of interfaces of that kind is asked of another one."""
    plan = planned('kubernetes: {version: "1.34", cni: none, ip: [ipv6]}\nsysctl: {net.ipv6.conf.eth0.accept_ra: 0}\n')
    wants = {expect.args[0]: expect.want for expect in plan.expects if expect.kind == "sysctl-persisted"}
    assert wants["net.ipv6.conf.eth0.accept_ra"] == "0"
    assert wants["net.ipv6.conf.eth1.accept_ra"] == "2"


def test_a_node_without_such_interfaces_has_no_file_for_them(planned: Callable[[str], Plan]) -> None:
    plan = planned(FLANNEL)
    assert "kubernetes" not in {owner for owner, _ in plan.files}


def test_what_a_later_file_leaves_of_forwarding(planned: Callable[[str], Plan]) -> None:
    """Who writes `all` writes `default`. But systemd-sysctl writes nothing that is so already: where the last file sets
    0, which is the kernel's own, `default` stays what its own line makes it (seen in a boot of Debian 13).
    """
    plan = planned('kubernetes: {version: "1.34", cni: none, ip: [ipv6]}\n')
    red = {fault.id: fault.red for fault in plan.faults}
    for name in ("all", "default"):
        own = f"sysctl.net.ipv6.conf.{name}.forwarding"
        values = {one for one in red[f"{own}.overridden"] if one.endswith(".value")}
        assert values == {f"{own}.value"}


@pytest.mark.parametrize(
    ("arguments", "before", "after"),
    [
        (("2", "0"), {"ens3": "1", "ens4": "0", "cni0": "1"}, {"ens3": "2", "ens4": "0", "cni0": "1"}),
        (("0",), {"ens3": "2", "ens4": "0"}, {"ens3": "0", "ens4": "0"}),
        (("2",), {"eth0": "1"}, {"eth0": "1"}),
    ],
    ids=["all but what somebody set with reason", "all", "there is none"],
)
def test_interfaces_set(
    tmp_path: Path, arguments: tuple[str, ...], before: dict[str, str], after: dict[str, str]
) -> None:
    for name, value in before.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "accept_ra").write_text(f"{value}\n")
    shell = (data.TEMPLATES / "kubernetes/steps.sh").read_text().replace("/proc/sys/", f"{tmp_path}/")
    script = shell + 'interfaces_set_ok "$@" || interfaces_set_do "$@"; interfaces_set_ok "$@"\n'
    argv = ["sh", "-euc", script, "sh", "en*/accept_ra", *arguments]
    subprocess.run(argv, check=True)
    assert {name: (tmp_path / name / "accept_ra").read_text().strip() for name in before} == after


def test_the_shipped_profile() -> None:
    plan = planning.make(profile.load(str(ROOT / "profiles/k8s-cilium-dualstack.yaml")))
    assert not plan.warnings
    assert {"kubernetes", "modules", "sysctl", "swap", "packages"} <= set(plan.settings)


def test_without_it_nothing_is_brought(planned: Callable[[str], Plan]) -> None:
    assert planned("swap: disabled\n").settings == ("swap", "hygiene")
