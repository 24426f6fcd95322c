"""The rows of probes.yaml: worded, of a known kind, expected where they say something, and red where they must be."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from generator import checks, data, probes, reasons, render
from generator.formats import observer
from generator.model import Plan
from generator.probes import Probe

ROWS = probes.rows()
# Every row of the file is expected in one of these.
WHOLE = """\
modules: [overlay, br-netfilter, nf_conntrack, vxlan, geneve, dummy]
sysctl:
  net.bridge.bridge-nf-call-iptables: 1
  net.bridge.bridge-nf-call-ip6tables: 1
  net.ipv4.conf.all.forwarding: 1
  net.ipv4.ip_nonlocal_bind: 1
  net.ipv6.conf.all.forwarding: 1
  net.ipv6.conf.all.disable_ipv6: 0
  vm.overcommit_memory: 1
  vm.max_map_count: 262144
  fs.inotify.max_user_instances: 8192
  fs.inotify.max_user_watches: 524288
"""
WHOLES = (f"{WHOLE}swap: disabled\n", f"{WHOLE}swap: {{mode: limited, size: 64MiB}}\n")
NF4, NF6 = "net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"
HEAD = "modules: [br_netfilter]\nsysctl: "


def _probed(plan: Plan) -> set[str]:
    return {expect.id for expect in plan.expects if checks.is_probe(expect)}


def _name(row: Probe) -> str:
    return f"{row.stem}.{row.key}.{row.name}"


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_what_a_user_meets_is_said(row: Probe) -> None:
    assert reasons.find(row.stem, row.key) is not None
    assert row.name in reasons.reason(row.stem, row.key).probes
    assert f"{row.kind}-probe" in checks.KINDS


def test_nothing_is_said_of_a_probe_that_there_is_not() -> None:
    said = {(*place, name) for place, row in reasons.rows().items() for name in row.probes}
    assert said == {(row.stem, row.key, row.name) for row in ROWS}


def test_every_row_is_expected_somewhere(planned: Callable[[str], Plan]) -> None:
    """So that none of the tests below says nothing of one."""
    found = {(expect.kind, expect.want) for text in WHOLES for expect in planned(text).expects}
    for row in ROWS:
        assert any(kind == f"{row.kind}-probe" and want.endswith(row.wanted[6:]) for kind, want in found), _name(row)


@pytest.mark.parametrize("text", WHOLES, ids=["disabled", "limited"])
def test_every_probe_has_a_fault(planned: Callable[[str], Plan], text: str) -> None:
    """And each that a parameter has is red for that parameter's own fault."""
    plan = planned(text)
    red = {name for fault in plan.faults for name in fault.red}
    assert _probed(plan) - {"containerd.container"} <= red
    for fault in plan.faults:
        if fault.setting.startswith("sysctl."):
            assert {name for name in _probed(plan) if name.startswith(f"{fault.setting}.")} <= fault.red


CASES = {
    "a bridge alone": (f"{HEAD}{{{NF4}: 1}}", {f"sysctl.{NF4}.policy"}),
    "a bridge and forwarding": (
        f"{HEAD}{{{NF4}: 1, net.ipv4.ip_forward: 1}}",
        {f"sysctl.{NF4}.policy", f"sysctl.{NF4}.service", "sysctl.net.ipv4.ip_forward.routed"},
    ),
    "forwarding by its other name": (
        f"{HEAD}{{{NF4}: 1, net.ipv4.conf.all.forwarding: 1}}",
        {f"sysctl.{NF4}.policy", f"sysctl.{NF4}.service", "sysctl.net.ipv4.conf.all.forwarding.routed"},
    ),
    "a bridge that does not forward": (f"{HEAD}{{{NF4}: 1, net.ipv4.ip_forward: 0}}", {f"sysctl.{NF4}.policy"}),
    "no bridge": (f"{HEAD}{{{NF4}: 0}}", set()),
    "IPv6": (f"{HEAD}{{{NF6}: 1}}", {f"sysctl.{NF6}.policy", f"sysctl.{NF6}.service"}),
    "no IPv6": (f"{HEAD}{{{NF6}: 1, net.ipv6.conf.default.disable_ipv6: 1}}", {f"sysctl.{NF6}.policy"}),
    "a number as text": ('sysctl: {net.ipv4.ip_forward: "1"}', {"sysctl.net.ipv4.ip_forward.routed"}),
    "no promises": ("sysctl: {vm.overcommit_memory: 0}", set()),
    "zero is a limit": (
        "sysctl: {fs.inotify.max_user_instances: 0}",
        {"sysctl.fs.inotify.max_user_instances.made"},
    ),
    "a module's other spelling": ("modules: [nf-conntrack]", {"modules.nf-conntrack.tracked"}),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_says_something(planned: Callable[[str], Plan], text: str, expected: set[str]) -> None:
    assert _probed(planned(f"{text}\n")) == expected


def test_what_blocks(planned: Callable[[str], Plan]) -> None:
    needs = {expect.id: set(expect.needs) for expect in planned(WHOLES[0]).expects if checks.is_probe(expect)}
    assert needs[f"sysctl.{NF4}.policy"] == {"modules.br-netfilter.loaded"}
    assert needs[f"sysctl.{NF4}.service"] == {
        "modules.br-netfilter.loaded",
        "modules.nf_conntrack.loaded",
        "sysctl.net.ipv4.conf.all.forwarding.value",
    }
    assert needs["sysctl.net.ipv6.conf.all.forwarding.routed"] == {"sysctl.net.ipv6.conf.all.disable_ipv6.value"}
    assert needs["modules.overlay.stacked"] == set()


def test_one_command_for_each_version_of_ip(planned: Callable[[str], Plan]) -> None:
    plan = planned(WHOLES[0])
    commands = {checks.command(expect)[3:] for expect in plan.expects if expect.kind == "network-probe"}
    assert commands == {
        ("ipv4", "forward", "policy", "service", "tracked"),
        ("ipv6", "forward", "policy", "service"),
    }


def test_a_look_at_a_limit_does_not_depend_on_what_is_wanted(planned: Callable[[str], Plan]) -> None:
    one, two = (observer.commands(planned(f"sysctl: {{vm.max_map_count: {most}}}\n")) for most in (1, 70000))
    assert one == two


def test_probes_come_last(planned: Callable[[str], Plan]) -> None:
    """What they have the kernel load is not taken for loaded at boot."""
    plan = planned(WHOLES[0])
    probed = {checks.command(expect) for expect in plan.expects if checks.is_probe(expect)}
    acts = [command in probed for command in observer.commands(plan)]
    assert acts == sorted(acts)
    assert any(acts)


@pytest.mark.parametrize("text", ["limits.pl", "network.pl"])
def test_perl_compiles(text: str) -> None:
    """shellcheck reads no Perl; its own compiler, with strict and warnings, does."""
    before = ("nftables.pl", "pods.pl", "topics.pl") if text == "network.pl" else ()
    program = "".join(render.raw(f"probes/{name}") for name in (*before, text))
    done = subprocess.run(["perl", "-c", "-e", program, "ipv4"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "-e syntax OK\n")


def test_the_topics_of_the_network_are_those_of_the_script() -> None:
    text = (data.TEMPLATES / "probes/topics.pl").read_text()
    for row in ROWS:
        if row.kind == probes.NETWORK:
            assert f"\n    {row.args[0]} => '{row.wanted}',\n" in text
