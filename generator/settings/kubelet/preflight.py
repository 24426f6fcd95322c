"""kubeadm's own word on the node: the checks that `kubeadm init` begins with, where the profile has kubeadm."""

from __future__ import annotations

from collections.abc import Iterator

from generator.facts import choice, versions
from generator.facts.versions import Version
from generator.model import Edit, Expect, Fault
from generator.reasons import reason
from generator.settings import Context
from generator.settings.kubelet import source

CHECK = "kubelet.preflight"
_SUBNETS = {"ipv4": "10.244.0.0/16", "ipv6": "fd00:10:244::/56"}  # kubeadm reads of them which families there are
# What others tell of in words of their own: where that is red, kubeadm has nothing to add.
_NEEDS = (
    "sysctl.net.ipv4.ip_forward.value",
    "sysctl.net.ipv4.conf.all.forwarding.value",
    "sysctl.net.ipv6.conf.default.forwarding.value",
    "sysctl.net.bridge.bridge-nf-call-iptables.value",
    "sysctl.net.bridge.bridge-nf-call-ip6tables.value",
    "modules.kernel-config",
    "containerd.plugin-cri",
    "swap.cgroup",
)


def expects(value: source.Value, context: Context) -> Iterator[Expect]:
    """No error but for those that community.yaml names, which are of the machine. kubeadm warns of them, as of swap."""
    if "kubeadm" in source.names(value):
        ignored = ",".join(source.community()["ignored"])
        api = "v1beta4" if source.minor(value, context) >= Version(1, 31) else "v1beta3"
        args = (f"v{source.version(value, context)}", api, ignored, ",".join(_subnets(context)))
        needs = (*_NEEDS, f"services.{context.distro.containerd.unit}.enabled")
        yield Expect(CHECK, CHECK, "kubeadm-preflight", args, "no error", reason("kubelet", "preflight").breaks, needs)


def faults(value: source.Value, context: Context) -> Iterator[Fault]:
    """A program is gone that no other check looks for. Which ones kubeadm asks for changed with 1.33."""
    if "kubeadm" in source.names(value):
        asked = versions.stage("kubeadm-losetup-check", source.minor(value, context)) == "stable"
        path = "/usr/sbin/losetup" if asked else "/usr/bin/nsenter"
        yield Fault(f"{CHECK}.program", "kubelet", f"{path} is gone", (Edit(path, None),), frozenset({CHECK}))


def _subnets(context: Context) -> tuple[str, ...]:
    said = context.profile.settings.get("kubernetes")
    families = choice.of(said).ip if said else ("ipv4",)
    return tuple(_SUBNETS[family] for family in families)
