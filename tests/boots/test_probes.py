"""Each probe in a real machine: green where the setting is as the profile says, red for it alone where it is not."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

import pytest

from generator import base, checks, data, guest, judge, observation
from generator.formats import observer
from generator.model import Plan
from tests.zoo import told

pytestmark = pytest.mark.boots
SETTINGS = """\
base: {distro}
modules: [overlay, br_netfilter, nf_conntrack, vxlan, geneve, dummy]
sysctl:
  net.bridge.bridge-nf-call-iptables: 1
  net.bridge.bridge-nf-call-ip6tables: 1
  net.ipv4.ip_forward: 1
  net.ipv4.ip_nonlocal_bind: 1
  net.ipv6.conf.all.forwarding: 1
  net.ipv6.conf.all.disable_ipv6: 0
  vm.overcommit_memory: 1
  vm.max_map_count: 262144
  fs.inotify.max_user_instances: 8192
  fs.inotify.max_user_watches: 524288
swap: disabled
"""
NF = "sysctl.net.bridge.bridge-nf-call-"
# Undone in a machine that runs, in as few goes as show each alone: what is undone in one go shows in no other's probe.
# nf_conntrack is not among them, for it cannot be removed while the kernel tracks anything.
UNDONE = {
    "bridge, IPv4": (
        """\
echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables
sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv4.ip_nonlocal_bind=0 vm.overcommit_memory=0 vm.max_map_count=65530
sysctl -qw fs.inotify.max_user_instances=128 fs.inotify.max_user_watches=8192
for name in overlay vxlan geneve dummy; do
  rmmod "$name"
  echo "install $name /bin/false" >>/etc/modprobe.d/undone.conf
done
""",
        {
            f"{NF}iptables.policy",
            f"{NF}iptables.service",
            "sysctl.net.ipv6.conf.all.forwarding.routed",
            "sysctl.net.ipv4.ip_nonlocal_bind.bound",
            "sysctl.vm.overcommit_memory.promised",
            "sysctl.vm.max_map_count.made",
            "sysctl.fs.inotify.max_user_instances.made",
            "sysctl.fs.inotify.max_user_watches.made",
            *(f"modules.{name}.link" for name in ("vxlan", "geneve", "dummy")),
            "modules.overlay.stacked",
        },
    ),
    "bridge, IPv6": (
        """\
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
echo 0 >/proc/sys/net/bridge/bridge-nf-call-ip6tables
sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_nonlocal_bind=1 vm.overcommit_memory=1 vm.max_map_count=262144
sysctl -qw fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288 net.ipv4.ip_forward=0
rm /etc/modprobe.d/undone.conf
head -c 1048576 /dev/zero >/swap.fault
chmod 0600 /swap.fault
mkswap -q /swap.fault
mkdir -p /etc/systemd/system/swap.fault.swap.d
echo '# exempt' >/etc/systemd/system/swap.fault.swap.d/zz-nodebake.conf
systemctl daemon-reload
echo '/swap.fault none swap sw 0 0' >>/etc/fstab
""",
        {
            f"{NF}ip6tables.policy",
            f"{NF}ip6tables.service",
            "sysctl.net.ipv4.ip_forward.routed",
            "swap.swapon",
            "swap.kubelet-finds",
        },
    ),
}
# Where a probe could leave something.
TRACES = """\
for what in addr link; do ip -o "$what" | cut -d' ' -f2; done | sort -u; ip netns
ip route show table all | grep -v expires; ip route show root 192.0.2.0/24; ip -6 route show root 2001:db8:6e62::/48
cat /proc/mounts /proc/swaps; ls -A /run /var/lib /tmp /var/tmp /sys/fs/cgroup; pgrep -c perl
"""
AS_IT_IS, AFTER_A_KILL = "as it is", "after one that was killed by force"


@pytest.mark.parametrize("distro", ["debian-13", "debian-12"])
def test_green_and_red(distro: str, tmp_path: Path) -> None:
    plan = told.planned(SETTINGS.format(distro=distro), tmp_path)
    few = _probes_alone(plan)
    disk = guest.overlay(base.obtain(distro).path, tmp_path / "disk.qcow2")
    machine = guest.Machine(disk=disk, cpus=data.guest_cpus(), net="user-restricted")
    lines = guest.ask(machine, tmp_path / "console.log", _script(plan, few)).lines
    seen = told.sections([line.decode("utf-8", "replace") for line in lines])
    assert _bad(few, seen[AS_IT_IS]) == {}
    assert seen["before"] == seen["after"]
    for name, (_, red) in UNDONE.items():
        found = _bad(few, seen[name])
        assert {check for check, (status, _) in found.items() if status == "fail"} & _acting(few) == red, found
    assert found[f"{NF}iptables.service"][0] == "blocked"  # for another's sake
    assert found["swap.swapon"] == ("fail", "swapon -a brought /swap.fault")
    assert seen[AFTER_A_KILL] == ["routed", *seen["links before"]]


def _probes_alone(plan: Plan) -> Plan:
    """And what they need."""
    needed = {need for expect in plan.expects if checks.is_probe(expect) for need in expect.needs}
    kept = (expect for expect in plan.expects if checks.is_probe(expect) or expect.id in needed)
    return dataclasses.replace(plan, expects=tuple(kept))


def _script(plan: Plan, few: Plan) -> str:
    observe = f"(\nset -- --probes\n{observer.artefacts(few)[0].content.decode()})"
    routed = next(expect for expect in few.expects if expect.id == "sysctl.net.ipv4.ip_forward.routed")
    network = shlex.join(checks.command(routed))
    links = "ip -o link | cut -d' ' -f2"
    killed = f"""\
sysctl -qw net.ipv4.ip_forward=0
timeout -s KILL 2 {network} >/dev/null 2>&1
sysctl -qw net.ipv4.ip_forward=1
{network} | sed -n 's/^forward holds.*/routed/p'
{links}"""
    return "".join(
        (
            told.bootstrapped(plan, ("first run",)),
            told.section("before", TRACES),
            told.section(AS_IT_IS, observe),
            told.section("after", TRACES),
            told.section("links before", links),
            *(told.section(name, f"{{\n{undo}}} >/dev/null 2>&1\n{observe}") for name, (undo, _) in UNDONE.items()),
            told.section(AFTER_A_KILL, killed),
        )
    )


def _acting(plan: Plan) -> set[str]:
    return {expect.id for expect in plan.expects if checks.is_probe(expect)}


def _bad(plan: Plan, lines: list[str]) -> dict[str, tuple[str, str]]:
    verdicts = judge.boots(plan, [observation.read(lines, observer.commands(plan))])
    return {one.expect.id: (one.status, one.found) for one in verdicts if one.status != "pass"}
