"""What is taken beside what refused/ has, and what is taken with a warning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import run
from generator.model import Plan
from tests.conftest import HEAD

KUBERNETES = 'kubernetes: {version: "1.34", cni: cilium, ip: [ipv4, ipv6]}\n'
PIN = f"base: {{url: https://example.org/x.qcow2, sha256: {'a' * 64}}}\n"
OLD = "systemd.unified_cgroup_hierarchy=0"

ACCEPTED = {
    "the module is there": "modules: [br_netfilter]\nsysctl: {net.bridge.bridge-nf-call-iptables: 1}\n",
    "by its other spelling": "modules: [br-netfilter]\nsysctl: {net.bridge.bridge-nf-call-iptables: 1}\n",
    "a file lists the module": (
        'files: [{path: /etc/modules-load.d/own.conf, content: "# mine\\nbr_netfilter\\n"}]\n'
        "sysctl: {net.bridge.bridge-nf-call-iptables: 1}\n"
    ),
    "a preset brings the module": (
        'kubernetes: {version: "1.34", cni: flannel}\nsysctl: {net.bridge.bridge-nf-call-arptables: 1}\n'
    ),
    "a file sets it, and does not mind": (
        'files: [{path: /etc/sysctl.d/a.conf, content: "-net.bridge.bridge-nf-call-iptables = 1\\n"}]\n'
    ),
    "a file sets it, and the module is there": (
        "modules: [br_netfilter]\n"
        "files: [{path: /etc/sysctl.d/a.conf, content: net.bridge.bridge-nf-call-iptables=1}]\n"
    ),
    "a file that nothing reads": (
        "files: [{path: /etc/sysctl.d/a.conf.off, content: net.bridge.bridge-nf-call-iptables=1}]\n"
    ),
    "a file that a later one undoes": (
        f"{KUBERNETES}files: [{{path: /etc/sysctl.d/a.conf, content: net.ipv4.conf.eth0.rp_filter=1}},"
        " {path: /etc/sysctl.d/b.conf, content: net.ipv4.conf.eth0.rp_filter=0}]\n"
    ),
    "a file's advertisements for one interface": (
        f"{KUBERNETES}files: [{{path: /etc/sysctl.d/zz.conf, content: net.ipv6.conf.eth0.accept_ra=0}}]\n"
    ),
    "a module that another one needs": "modules: [ip_vs]\nsysctl: {net.netfilter.nf_conntrack_max: 1000000}\n",
    "a module that another one needs, by a file": (
        "files: [{path: /etc/modules-load.d/own.conf, content: ip-vs-rr}]\nsysctl: {net.ipv4.vs.conntrack: 1}\n"
    ),
    "a module that one needs far off": "modules: [ip_vs_rr]\nsysctl: {net.netfilter.nf_conntrack_max: 1000000}\n",
    "conntrack": "modules: [nf_conntrack]\nsysctl: {net.netfilter.nf_conntrack_max: 262144}\n",
    "no module brings it": "sysctl: {net.netfilter.nf_log_all_netns: 1}\n",
    "bbr": "modules: [tcp_bbr]\nsysctl: {net.ipv4.tcp_congestion_control: bbr}\n",
    "the kernel's own": "sysctl: {net.ipv4.tcp_congestion_control: cubic, net.core.default_qdisc: fq}\n",
    "no filter": f"{KUBERNETES}sysctl: {{net.ipv4.conf.all.rp_filter: 0}}\n",
    "a loose filter on an interface of the node": f"{KUBERNETES}sysctl: {{net.ipv4.conf.eth0.rp_filter: 2}}\n",
    "a filter without cilium": (
        'kubernetes: {version: "1.34", cni: antrea}\nsysctl: {net.ipv4.conf.all.rp_filter: 1}\n'
    ),
    "advertisements all the same": f"{KUBERNETES}sysctl: {{net.ipv6.conf.eth0.accept_ra: 2}}\n",
    "no advertisements": f"{KUBERNETES}sysctl: {{net.ipv6.conf.eth0.accept_ra: 0}}\n",
    "advertisements that networkd takes": (
        "sysctl: {net.ipv6.conf.all.forwarding: 1}\n"
        'files: [{path: /etc/systemd/network/10-up.network, content: "[Network]\\nIPv6AcceptRA=yes\\n"}]\n'
    ),
    "advertisements of the uplinks, by a file": (
        "sysctl: {net.ipv6.conf.all.forwarding: 1}\n"
        "files: [{path: /etc/sysctl.d/a.conf, content: net.ipv6.conf.en*.accept_ra=2}]\n"
    ),
    "none for interfaces to come, but for one that forwards": (
        "sysctl: {net.ipv6.conf.eth0.forwarding: 1,"
        " net.ipv6.conf.eth0.accept_ra: 2, net.ipv6.conf.default.accept_ra: 1}\n"
    ),
    "no forwarding": "sysctl: {net.ipv6.conf.all.forwarding: 0, net.ipv6.conf.all.accept_ra: 1}\n",
    "another interface forwards": "sysctl: {net.ipv6.conf.eth1.forwarding: 1, net.ipv6.conf.eth0.accept_ra: 1}\n",
    "IPv4 alone": 'kubernetes: {version: "1.34", cni: cilium}\nsysctl: {net.ipv6.conf.eth0.accept_ra: 1}\n',
    "all programs": f"{KUBERNETES}packages: [iptables]\n",
    "all programs before 1.32": 'kubernetes: {version: "1.31", cni: none}\npackages: [conntrack=1:1.4.8-2, iptables]\n',
    "all programs, of one architecture": f'{KUBERNETES}packages: ["iptables:amd64"]\n',
    "no list of packages": KUBERNETES,
    "no Kubernetes": "packages: [ethtool]\n",
    "kubelet takes cgroup v1 until 1.34": (
        f"{KUBERNETES}files: [{{path: /etc/kernel/cmdline, content: quiet {OLD}}}]\n"
    ),
    "kubelet alone takes cgroup v1 until 1.34": (
        'containerd: {}\nkubelet: {version: "1.34.1"}\n'
        f"files: [{{path: /etc/kernel/cmdline, content: quiet {OLD}}}]\n"
    ),
    "a comment about cgroup v1": (
        'kubernetes: {version: "1.35", cni: none}\n'
        f'files: [{{path: /etc/default/grub, content: "# never {OLD}\\n"}}]\n'
    ),
    "a file that no boot loader reads": (
        f'kubernetes: {{version: "1.35", cni: none}}\nfiles: [{{path: /opt/notes, content: {OLD}}}]\n'
    ),
    "a file that masks what nobody needs": (
        'swap: disabled\nfiles: [{path: /etc/systemd/system/systemd-sysctl.service, content: ""}]\n'
    ),
    "other modules are banned by an argument": (
        "modules: [overlay]\n"
        "files: [{path: /etc/default/grub, content: GRUB_CMDLINE_LINUX=modprobe.blacklist=overlay2}]\n"
    ),
    "other modules are banned": (
        "modules: [overlay]\nfiles: [{path: /etc/modprobe.d/cis.conf, content: install usb-storage /bin/false}]\n"
    ),
    "an install line that loads it": (
        "modules: [overlay]\n"
        "files: [{path: /etc/modprobe.d/log.conf, content: install overlay logger x; modprobe -i overlay}]\n"
    ),
    "a ban that nobody reads": (
        "modules: [overlay]\nfiles: [{path: /etc/modprobe.d/cis.txt, content: blacklist overlay}]\n"
    ),
    "ipvs before it was deprecated": 'kubernetes: {version: "1.34", cni: flannel, proxy: ipvs}\n',
    "nftables": 'kubernetes: {version: "1.31", cni: calico-nftables, proxy: nftables}\n',
    "kubelet": 'containerd: {}\nkubelet: {version: "1.28.0"}\n',
    "kubelet of the preset's minor": (
        'kubernetes: {version: "1.34", cni: none}\ncontainerd: {}\nkubelet: {version: "1.34.20"}\n'
    ),
    "kubelet of the preset's patch": (
        'kubernetes: {version: "1.34.2", cni: none}\ncontainerd: {}\nkubelet: {version: "1.34.2"}\n'
    ),
    "a repository of the same minor": (
        'containerd: {}\nkubelet: {version: "1.34.2", repository: {url: "https://mirror.example/v1.34/deb"}}\n'
    ),
    "a repository whose address names none": (
        'containerd: {}\nkubelet: {version: "1.34.2", repository: {url: "http://10.1.33.1/kubernetes"}}\n'
    ),
    "both make cgroups themselves": (
        'containerd: {SystemdCgroup: false}\nkubelet: {version: "1.34.2", cgroupDriver: cgroupfs}\n'
    ),
    "a drop-in that says the same, and more": (
        'containerd: {}\nswap: disabled\nkubelet: {version: "1.34.2"}\nfiles:\n'
        '- {path: /etc/kubernetes/kubelet.conf.d/50.conf, content: "cgroupDriver: systemd\\nmaxPods: 50"}\n'
        '- {path: /etc/kubernetes/kubelet.conf.d/50.txt, content: "cgroupDriver: cgroupfs"}\n'
    ),
    "files of kubelet that say no more than labels": (
        'containerd: {}\nswap: disabled\nkubelet: {version: "1.34.2"}\nfiles:\n'
        "- {path: /etc/default/kubelet, content: KUBELET_EXTRA_ARGS=--node-labels=role=worker}\n"
        '- {path: /etc/systemd/system/kubelet.service.d/20-x.conf, content: "# --cgroup-driver=cgroupfs\\n[Service]\\n'
        'Environment=KUBELET_EXTRA_ARGS=--v=2\\nMemoryMin=1G\\n[Unit]\\nAfter=x.service"}\n'
    ),
    "files of kubelet that say the same": (
        'containerd: {SystemdCgroup: false}\nswap: disabled\nkubelet: {version: "1.34.2"}\nfiles:\n'
        '- {path: /etc/default/kubelet, content: "KUBELET_EXTRA_ARGS=--cgroup-driver=cgroupfs --fail-swap-on"}\n'
        '- {path: /etc/systemd/system/kubelet.service.d/20-x.conf, content: "[Service]\\nEnvironment=\\"'
        "KUBELET_CONFIG_ARGS="
        '--config=/opt/k.yaml --config-dir /etc/kubernetes/kubelet.conf.d/\\""}\n'
    ),
    "files of kubelet that later ones undo": (
        'containerd: {}\nswap: disabled\nkubelet: {version: "1.34.2"}\nfiles:\n'
        '- {path: /etc/kubernetes/kubelet.conf.d/05-x.conf, content: "cgroupDriver: cgroupfs"}\n'
        '- {path: /etc/systemd/system/kubelet.service.d/05-x.conf, content: "[Service]\\n'
        'Environment=KUBELET_CONFIG_ARGS=\\nExecStart=\\nExecStart=/usr/bin/kubelet --cgroup-driver=cgroupfs"}\n'
    ),
    "a file of limited swap that a later one undoes": (
        "swap: {mode: limited, size: 1GiB}\n"
        'files: [{path: /etc/kubernetes/kubelet.conf.d/05-x.conf, content: "failSwapOn: true"}]\n'
    ),
    "a kubelet without kubeadm has its own configuration": (
        'containerd: {}\nkubelet: {version: "1.34.2", tools: []}\nfiles:\n'
        '- {path: /var/lib/kubelet/config.yaml, content: "kind: KubeletConfiguration"}\n'
    ),
    "other sources and pins": (
        'containerd: {}\nkubelet: {version: "1.34.2"}\nfiles:\n'
        '- {path: /etc/apt/sources.list.d/x.list, content: "# deb https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /\\n'
        'deb https://pkgs.k8s.io/addons:/cri-o:/stable:/v1.33/deb/ /"}\n'
        '- {path: /etc/apt/sources.list.d/x.list.off, content: "deb https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /"}\n'
        '- {path: /etc/apt/preferences.d/x, content: "Package: *\\nPin: origin x\\nPin-Priority: 1\\n\\n'
        'Package: cri-tools /^kubevirt/ /[/\\nPin: origin x\\nPin-Priority: 1002"}\n'
    ),
    "packages beside kubelet": 'containerd: {}\nkubelet: {version: "1.34.2"}\npackages: [cri-tools]\n',
    "kube-proxy is replaced": 'kubernetes: {version: "1.34", cni: calico-ebpf, proxy: none}\n',
}
WARNED = {
    "the user's value wins": (
        f"{KUBERNETES}sysctl: {{net.ipv4.ip_forward: 0}}\n",
        "4:10: sysctl.net.ipv4.ip_forward: warning: kubernetes.ip wants 1 here: the node routes the packets of its"
        " pods; kubeadm's preflight asks for it (leave it out, unless you know better: what the profile says wins)",
    ),
    "by another name": (
        f"{KUBERNETES}sysctl:\n  net.ipv4.conf.all.forwarding: 0\n",
        "5:3: sysctl.net.ipv4.conf.all.forwarding: warning: kubernetes.ip wants 1 here: the node routes the packets of"
        " its pods; kubeadm's preflight asks for it (leave it out, unless you know better: what the profile says wins)",
    ),
    "no IPv6": (
        f"{KUBERNETES}sysctl: {{net.ipv6.conf.default.disable_ipv6: 1}}\n",
        "4:10: sysctl.net.ipv6.conf.default.disable_ipv6: warning: kubernetes.ip wants 0 here: pods have IPv6"
        " addresses, on interfaces that come with them (leave it out, unless you know better: what the profile says"
        " wins)",
    ),
    "pods' interfaces do not forward": (
        'kubernetes: {version: "1.34", cni: flannel}\nsysctl: {net.ipv4.conf.default.forwarding: 0}\n',
        "4:10: sysctl.net.ipv4.conf.default.forwarding: warning: what comes in on interfaces that come later, as those"
        " of pods do, is not forwarded, though the node forwards: kubeadm sees no fault (leave it out, unless that is"
        " meant)",
    ),
    "forwarding on an interface that begins as default": (
        "sysctl: {net.ipv6.conf.eth0.forwarding: 1, net.ipv6.conf.default.accept_ra: 1}\n",
        "3:44: sysctl.net.ipv6.conf.default.accept_ra: warning: this node forwards, and with 1 it then ignores router"
        " advertisements on eth0: no default route (write 2, which takes them all the same, or 0 for an interface"
        " without them)",
    ),
    "advertisements for nobody": (
        "sysctl: {net.ipv6.conf.all.forwarding: 1, net.ipv6.conf.all.accept_ra: 2}\n",
        "3:43: sysctl.net.ipv6.conf.all.accept_ra: warning: no interface takes its accept_ra from `all`, and on a node"
        " that forwards the uplink's is to be 2 (leave it out, and write the uplink's by its name, such as"
        " net.ipv6.conf.eth0.accept_ra: 2)",
    ),
    "advertisements for nobody, beside a preset": (
        f"{KUBERNETES}sysctl: {{net.ipv6.conf.all.accept_ra: 1}}\n",
        "4:10: sysctl.net.ipv6.conf.all.accept_ra: warning: no interface takes its accept_ra from `all`, and on a node"
        " that forwards the uplink's is to be 2 (leave it out, and write the uplink's by its name, such as"
        " net.ipv6.conf.eth0.accept_ra: 2)",
    ),
    "forwarding, and the kernel's own accept_ra": (
        "sysctl: {net.ipv6.conf.all.forwarding: 1}\n",
        "3:10: sysctl.net.ipv6.conf.all.forwarding: warning: a node that forwards drops the default route that a router"
        " advertises to it, and takes no other (write accept_ra for the uplink by its name: 2, or 0 where no router"
        " advertises or networkd takes them)",
    ),
    "an interface does not forward, by a file": (
        'kubernetes: {version: "1.34", cni: flannel}\n'
        "files: [{path: /etc/sysctl.d/a.conf, content: net.ipv4.conf.cni0.forwarding=0}]\n",
        "4:38: files[0].content: warning: /etc/sysctl.d/a.conf:1 sets net.ipv4.conf.cni0.forwarding: what comes in on"
        " cni0 is not forwarded, though the node forwards: kubeadm sees no fault (leave it out, unless that is meant)",
    ),
    "IPv6 that kubeadm sees": (
        f"{KUBERNETES}sysctl: {{net.ipv6.conf.default.forwarding: 0}}\n",
        "4:10: sysctl.net.ipv6.conf.default.forwarding: warning: kubernetes.ip wants 1 here: the node routes the IPv6"
        " packets of its pods; `all` does it, `default` is what kubeadm's preflight reads (leave it out, unless you"
        " know better: what the profile says wins)",
    ),
    "a runtime with cgroups of its own": (
        'kubernetes: {version: "1.34", cni: none}\ncontainerd: {SystemdCgroup: false}\n',
        "4:14: containerd.SystemdCgroup: warning: kubernetes wants true here: kubelet's cgroupDriver is systemd, by"
        " kubeadm since 1.22, and a runtime with another one undoes its cgroups (leave it out, unless you know better:"
        " what the profile says wins)",
    ),
    "newer than what is known": (
        'kubernetes: {version: "1.99.1", cni: none}\n',
        "3:14: kubernetes.version: warning: what a node needs is known for Kubernetes 1.22 to 1.37, not for 1.99"
        " (write a version between them; for a newer one the rules of 1.37 are taken)",
    ),
    "ipvs": (
        'kubernetes: {version: "1.35", cni: flannel, proxy: ipvs}\n',
        "3:45: kubernetes.proxy: warning: kube-proxy's mode ipvs is deprecated since 1.35 and goes away"
        " (move to proxy: nftables, and a CNI that goes with it)",
    ),
    "an early nftables": (
        'kubernetes: {version: "1.30", cni: none, proxy: nftables}\n',
        "3:42: kubernetes.proxy: warning: kube-proxy's mode nftables is an alpha feature of this version, and off by"
        " default (set featureGates: {NFTablesProxyMode: true} in kube-proxy's configuration, or take 1.31 or newer)",
    ),
    "a kubelet newer than what is known": (
        'containerd: {}\nkubelet: {version: "1.99.1"}\n',
        "4:11: kubelet.version: warning: what a node needs is known for Kubernetes 1.22 to 1.37, not for 1.99"
        " (write a version between them; for a newer one the rules of 1.37 are taken)",
    ),
    "two that translate": (
        'kubernetes: {version: "1.34", cni: calico-ebpf, proxy: iptables}\n',
        "3:49: kubernetes.proxy: warning: kube-proxy and Calico's eBPF data plane both translate service addresses, and"
        " Calico removes kube-proxy's rules (write proxy: none, or set bpfKubeProxyIptablesCleanupEnabled: false in"
        " Calico's FelixConfiguration)",
    ),
    "a base that is not known": (
        f'{PIN}kubernetes: {{version: "1.34", cni: none}}\npackages: [iproute2]\n',
        "5:1: packages: warning: whether this base has the program iptables is not known: network plugins call it on"
        " the node (portmap for host ports), and kubeadm's preflight wants it before 1.33 (add iptables to packages)",
    ),
}


@pytest.mark.parametrize("settings", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(planned: Callable[[str], Plan], settings: str) -> None:
    assert planned(settings).warnings == ()


@pytest.mark.parametrize(("settings", "said"), WARNED.values(), ids=WARNED)
def test_warned(planned: Callable[[str], Plan], settings: str, said: str) -> None:
    assert [str(one).partition("profile.yaml:")[2] for one in planned(settings).warnings] == [said]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run a verb on settings -> exit code, stdout, stderr."""

    def call(settings: str, verb: str, *arguments: object) -> tuple[int, str, str]:
        path = tmp_path / "p.yaml"
        path.write_text(HEAD + settings)
        return (run([verb, str(path), *map(str, arguments)]), *capsys.readouterr())

    return call


def test_a_warning_refuses_nothing(told: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """Told on stderr; in JSON it stands among the findings, and all is well."""
    settings = WARNED["ipvs"][0]
    for verb in (("check",), ("render", "-o", tmp_path), ("plan",)):
        code, _, err = told(settings, *verb)
        assert (code, err.count("kubernetes.proxy: warning: ")) == (0, 1)
    code, out, err = told(settings, "check", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["ok"] is True
    assert [finding["severity"] for finding in json.loads(out)["findings"]] == ["warning"]


def test_a_warning_is_told_with_the_errors(told: Callable[..., tuple[int, str, str]]) -> None:
    settings = 'kubernetes: {version: "1.35", cni: cilium, proxy: ipvs}\nsysctl: {net.ipv4.conf.all.rp_filter: 1}\n'
    code, out, _ = told(settings, "check", "--format", "json")
    assert code == 2
    assert json.loads(out)["ok"] is False
    assert [finding["severity"] for finding in json.loads(out)["findings"]] == ["warning", "error"]
