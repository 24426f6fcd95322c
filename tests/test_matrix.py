"""Every combination of Kubernetes against the tables of the fact sheet, which are written here once more, by hand."""

from __future__ import annotations

import itertools

import pytest

from generator import errors, formats, reasons
from generator import plan as planning
from generator.facts import versions
from tests import matrix
from tests.conftest import ROOT
from tests.matrix import Outcome

KERNEL_DEFAULTS = {  # what kubelet's protectKernelDefaults compares with
    "vm.overcommit_memory": 1,
    "vm.panic_on_oom": 0,
    "kernel.panic": 10,
    "kernel.panic_on_oops": 1,
    "kernel.keys.root_maxkeys": 1000000,
    "kernel.keys.root_maxbytes": 25000000,
}
INOTIFY = {"fs.inotify.max_user_instances": 8192, "fs.inotify.max_user_watches": 524288}
IPV6 = {
    "net.ipv6.conf.all.forwarding": 1,
    "net.ipv6.conf.default.forwarding": 1,
    "net.ipv6.conf.all.disable_ipv6": 0,
    "net.ipv6.conf.default.disable_ipv6": 0,
}
UPLINK = {"net.ipv6.conf.en*.accept_ra": 2, "net.ipv6.conf.eth*.accept_ra": 2}
UNFILTERED = {"net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.default.rp_filter": 0}
UNFILTERED_PODS = {"net.ipv4.conf.lxc*.rp_filter": 0, "net.ipv4.conf.cilium_*.rp_filter": 0}
IPVS = {"ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "nf_conntrack"}
NFTABLES = {"nf_tables", "nft_chain_nat", "nft_nat", "nft_masq", "nft_fib", "nft_numgen"}
OF_CNI = {
    "calico": {"ip_set", "xt_set", "nf_conntrack", "ipip", "vxlan"},
    "calico-iptables": {"ip_set", "xt_set", "nf_conntrack", "ipip", "vxlan"},
    "calico-nftables": {"nf_tables", "nf_conntrack", "ipip", "vxlan"},
    "calico-ebpf": {"sch_ingress", "cls_bpf", "vxlan"},
    "cilium": {"sch_ingress", "cls_bpf", "vxlan"},
    "flannel": {"vxlan", "br_netfilter"},
    "antrea": {"openvswitch", "geneve"},
    "kube-router": {"ip_set", "xt_set", "br_netfilter", "ipip"},
    "none": set(),
}
OF_PROXY = {
    "iptables": {"nf_conntrack"},
    "ipvs": IPVS | {"ip_set", "xt_set", "dummy"},
    "nftables": NFTABLES | {"nf_conntrack"},
    "none": set(),
}
CNIS = matrix.choices("cni")
NEWEST = max(version.minor for version in versions.known(matrix.SINCE))


def _minor(found: Outcome) -> int:
    return int(found.value["version"].split(".")[1])


def _refused(found: Outcome) -> int:
    """How many reasons there are to refuse a combination."""
    cni, proxy = found.value["cni"], found.value["proxy"]
    calico = cni in ("calico", "calico-iptables")
    return sum(
        (
            proxy == "none" and (calico or cni in ("calico-nftables", "flannel")),
            proxy == "nftables" and calico,
            proxy in ("iptables", "ipvs") and cni == "calico-nftables",
            proxy == "ipvs" and cni == "calico-ebpf",
            proxy == "nftables" and _minor(found) < 29,
        )
    )


def _warned(found: Outcome) -> int:
    cni, proxy, minor = found.value["cni"], found.value["proxy"], _minor(found)
    return sum(
        (
            proxy == "ipvs" and minor >= 35,
            proxy == "nftables" and minor in (29, 30),
            proxy in ("iptables", "nftables") and cni == "calico-ebpf",
            found.value["swap"] == "limited" and minor in (28, 29),
        )
    )


def _modules(found: Outcome) -> set[str]:
    cni, proxy = found.value["cni"], found.value["proxy"]
    names = {"overlay"} | OF_CNI[cni] | OF_PROXY[proxy]
    if (cni, proxy) == ("kube-router", "none"):
        names |= IPVS | {"dummy"}
    return names | ({"br_netfilter"} if _minor(found) < 30 else set())  # until then kubeadm asked everybody for it


def _sysctl(found: Outcome) -> dict[str, int]:
    ipv4, ipv6 = ("ipv4" in found.value["ip"]), ("ipv6" in found.value["ip"])
    bridge = "br_netfilter" in _modules(found)
    return (
        KERNEL_DEFAULTS
        | INOTIFY
        | ({"net.ipv4.ip_forward": 1} if ipv4 else {})
        | (IPV6 if ipv6 else {})
        | ({"net.bridge.bridge-nf-call-iptables": 1} if bridge and ipv4 else {})
        | ({"net.bridge.bridge-nf-call-ip6tables": 1} if bridge and ipv6 else {})
        | (UNFILTERED if found.value["cni"] == "cilium" else {})
    )


def _interfaces(found: Outcome) -> dict[str, int]:
    uplink = UPLINK if "ipv6" in found.value["ip"] else {}
    return uplink | (UNFILTERED_PODS if found.value["cni"] == "cilium" else {})


def _expected(found: Outcome) -> dict[tuple[str, str], object]:
    packages = {"iptables"} | ({"conntrack"} if _minor(found) < 32 else set())
    limited = found.value["swap"] == "limited"
    return (
        {("modules", name): "" for name in _modules(found)}
        | {("packages", name): "" for name in packages}
        | {("sysctl", key): value for key, value in _sysctl(found).items()}
        | {("interfaces", key): value for key, value in _interfaces(found).items()}
        | {("swap", ""): {"mode": "limited", "size": "2GiB"} if limited else "disabled"}
    )


def test_it_is_every_combination() -> None:
    told = matrix.everything()
    assert len(told) == len(CNIS) * 4 * 3 * 2 * len({found.value["version"] for found in told})
    assert {"1.28", "1.37"} <= {found.value["version"] for found in told}
    assert set(CNIS) == set(OF_CNI)


@pytest.mark.parametrize("cni", CNIS)
def test_brings_what_the_tables_say_and_no_more(cni: str) -> None:
    for found in matrix.of(cni):
        assert found.brings == _expected(found), found.value


@pytest.mark.parametrize("cni", CNIS)
def test_refused_and_warned_for_reasons(cni: str) -> None:
    for found in matrix.of(cni):
        assert len(found.refused) == _refused(found), (found.value, found.refused)
        assert len(found.warned) == (_warned(found) if not found.refused else len(found.warned)), found.value


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("cni", CNIS)
def test_planned(cni: str, every: int) -> None:
    """Valid, or refused with the same reasons; the valid are rendered, but for seed images, which take their time.

    Every day each seventh, which is a prime to the number of choices of each field; all with --long.
    """
    for found in itertools.islice(matrix.of(cni), CNIS.index(cni) % every, None, every):
        try:
            plan = planning.make(matrix.profile(found.value))
        except errors.Refused as refused:
            said = {one.sentence for one in refused.findings if one.severity == "error"}
            assert said == set(found.refused)
        else:
            assert not found.refused
            assert len({expect.id for expect in plan.expects}) == len(plan.expects)
            if _minor(found) == NEWEST:  # faults follow from the values, of which other versions bring the same
                assert all(fault.red <= {expect.id for expect in plan.expects} for fault in plan.faults)
            for form in ("bootstrap", "observer", "packer"):
                assert formats.stems()[form].artefacts(plan)


@pytest.mark.parametrize("base", ["debian-12", "debian-13"])
def test_rendered(base: str) -> None:
    """All artefacts for each pair of CNI and kube-proxy; `make matrix` renders those of all combinations."""
    last = {(found.value["cni"], found.value["proxy"]): found for found in matrix.everything() if not found.refused}
    assert len(last) == 27
    for found in last.values():
        assert matrix.render(found.value, base) > 10000


def test_whatever_is_brought_has_a_reason() -> None:
    for found in matrix.everything():
        for stem, key in found.brings:
            if stem not in ("packages", "swap"):
                row = reasons.reason("modules" if stem == "modules" else "sysctl", key)
                assert "profile" not in row.breaks, key


def test_the_table_is_current() -> None:
    assert (ROOT / "docs/matrix.md").read_text(encoding="utf-8") == matrix.table(), "run: make matrix"
