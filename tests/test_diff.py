"""What `diff` tells: the change on the node, and none where only the text differs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import yaml
from hypothesis import strategies

from generator import diff
from generator import plan as planning
from generator.diff import told
from generator.model import Plan, Profile

BASE = """modules: [overlay, br_netfilter]
sysctl: {net.ipv4.ip_forward: 1, vm.swappiness: 0, net.ipv4.tcp_rmem: 4096 87380 16777216}
swap: disabled
packages: [ethtool, socat=1.2]
files: [{path: /etc/motd, content: hi}, {path: /etc/issue, content: "x\\n", mode: "0600"}]
users: [{name: ops, groups: [adm, sudo], sudo: true}]
services: {apt-daily.timer: masked}
"""
SAME = {
    "another order": """services: {apt-daily.timer: masked}
sysctl: {vm.swappiness: 0, net.ipv4.tcp_rmem: 4096 87380 16777216, net.ipv4.ip_forward: 1}
users: [{sudo: true, groups: [sudo, adm], name: ops}]
files: [{mode: "0600", content: "x\\n", path: /etc/issue}, {path: /etc/motd, content: hi}]
packages: [socat=1.2, ethtool]
swap: disabled
modules: [br_netfilter, overlay]
""",
    "other spellings": BASE.replace("br_netfilter", "br-netfilter").replace(
        "net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"
    ),
    "quotes and blanks": BASE.replace("swap: disabled", "swap: 'disabled' # none")
    .replace("4096 87380 ", '"4096   87380 ')
    .replace("16777216", '16777216"'),
    "defaults written out": BASE.replace("content: hi", 'content: hi, mode: "0644", owner: root, group: root').replace(
        "name: ops", "name: ops, shell: /bin/bash"
    ),
    "base64": BASE.replace("content: hi", "content: aGk=, encoding: base64"),
    "the base written out": BASE + "base: debian-13\n",
}
CHANGED = {
    "a value": ("net.ipv4.ip_forward: 1", "net.ipv4.ip_forward: 0", "setting", "sysctl.net.ipv4.ip_forward", "1", "0"),
    "zero": ("vm.swappiness: 0", "vm.swappiness: 1", "setting", "sysctl.vm.swappiness", "0", "1"),
    "a module less": (
        "overlay, ",
        "",
        "setting",
        "modules.overlay",
        "loaded or built in; nothing forbids it; listed in modules-load.d",
        "",
    ),
    "a version": ("socat=1.2", "socat=1.3", "setting", "packages.socat", "installed 1.2", "installed 1.3"),
    "a package more": ("[ethtool,", "[ethtool, jq,", "setting", "packages.jq", "", "installed"),
    "a service": ("masked", "disabled", "setting", "services.apt-daily.timer", "masked stopped", "disabled stopped"),
    "a base": ("swap:", "base: debian-12\nswap:", "base", "base", "Debian 13 (trixie)", "Debian 12 (bookworm)"),
    "a shell": (
        "sudo: true",
        "sudo: true, shell: /bin/sh",
        "setting",
        "users.ops",
        "/bin/bash adm sudo",
        "/bin/sh adm sudo",
    ),
}


def _changes(planned: Callable[[str], Plan], one: str, other: str) -> list[tuple[str, str, str, str]]:
    return [(c.kind, c.name, c.before, c.after) for c in diff.changes(planned(one), planned(other))]


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_node(planned: Callable[[str], Plan], text: str) -> None:
    assert _changes(planned, BASE, text) == []
    assert _changes(planned, text, BASE) == []


@pytest.mark.parametrize(("old", "new", "kind", "name", "before", "after"), CHANGED.values(), ids=CHANGED)
def test_a_change(
    planned: Callable[[str], Plan], old: str, new: str, kind: str, name: str, before: str, after: str
) -> None:
    assert old in BASE
    found = _changes(planned, BASE, BASE.replace(old, new))
    assert (kind, name, before, after) in found
    assert [change for change in found if change[0] not in ("file", kind)] == []
    back = _changes(planned, BASE.replace(old, new), BASE)
    assert (kind, name, after, before) in back


def test_a_file(planned: Callable[[str], Plan]) -> None:
    """By its bytes, its mode and its owner."""
    for new in ("content: ho", 'content: hi, mode: "0600"', "content: hi, owner: ops"):
        found = _changes(planned, BASE, BASE.replace("content: hi", new))
        assert [change[:2] for change in found] == [("setting", "files./etc/motd")]


def test_what_a_setting_writes_is_told_with_it(planned: Callable[[str], Plan]) -> None:
    found = _changes(planned, BASE, BASE.replace(", sudo: true", ""))
    assert [change[:2] for change in found] == [("setting", "users.ops"), ("file", "/etc/sudoers.d/90-nodebake-ops")]


def test_a_setting_more_or_less(planned: Callable[[str], Plan]) -> None:
    found = diff.changes(planned(BASE), planned(BASE.replace("swap: disabled\n", "")))
    assert {change.how for change in found} == {"removed"}
    assert "swap" in {change.name for change in found}
    assert {change.how for change in diff.changes(planned(""), planned("swap: disabled\n"))} == {"added"}


def test_a_probe_is_no_change(planned: Callable[[str], Plan]) -> None:
    """Forwarding lets a service be probed, and changes nothing of the bridge's own setting."""
    one = "modules: [br_netfilter]\nsysctl: {net.bridge.bridge-nf-call-iptables: 1}\n"
    found = diff.changes(planned(one), planned(one.replace("1}", "1, net.ipv4.ip_forward: 1}")))
    assert [change.name for change in found if change.kind == "setting"] == ["sysctl.net.ipv4.ip_forward"]


def test_who_says_so(planned: Callable[[str], Plan]) -> None:
    found = diff.changes(planned("swap: disabled\n"), planned("swap: disabled\nmodules: [overlay]\n"))
    assert {change.name: change.by for change in found}["modules.overlay"] == "line 4"


def test_told(planned: Callable[[str], Plan]) -> None:
    one, other = planned(BASE), planned(BASE.replace("net.ipv4.ip_forward: 1", "net.ipv4.ip_forward: 0"))
    text = told.text(one, other)
    assert "~ sysctl.net.ipv4.ip_forward  1 -> 0  (line 4)\n" in text
    assert text.endswith("0 added, 0 removed, 2 changed\n")
    record = told.record(one, other)
    assert record["equal"] is False
    assert record["changes"][0]["how"] == "changed"
    assert json.loads(json.dumps(record)) == record
    assert told.text(one, one).endswith("no change on the node\n")
    assert told.record(one, one)["equal"] is True


NAMES = strategies.sampled_from(["overlay", "br_netfilter", "vxlan", "ip_vs"])
KEYS = strategies.sampled_from(["net.ipv4.ip_forward", "vm.swappiness", "kernel.panic", "vm.max_map_count"])
VALUES = strategies.fixed_dictionaries(
    {},
    optional={
        "modules": strategies.lists(NAMES, min_size=1, unique=True),
        "sysctl": strategies.dictionaries(KEYS, strategies.integers(0, 3), min_size=1),
        "swap": strategies.just("disabled"),
    },
)


def _plan(value: dict[str, Any]) -> Plan:
    return planning.make(Profile("n", "debian-13", value, yaml.safe_dump(value), "p.yaml", {}))


@hypothesis.given(VALUES, VALUES)
@hypothesis.settings(max_examples=60)
def test_equal_when_the_values_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = {stem: _plain(value) for stem, value in one.items()} == {
        stem: _plain(value) for stem, value in other.items()
    }
    assert (diff.changes(_plan(one), _plan(other)) == ()) == same


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


PRESET = "kubernetes: {version: '1.34', cni: flannel}\n"


def test_a_preset_against_another(planned: Callable[[str], Plan]) -> None:
    """What it brings is the change; what brings it is not."""
    found = diff.changes(planned(PRESET), planned(PRESET.replace("flannel", "antrea")))
    names = {change.name: change.how for change in found if change.kind == "setting"}
    assert names["modules.br_netfilter"] == "removed"
    assert names["modules.openvswitch"] == "added"
    assert not [name for name in names if name.startswith("kubernetes.")]


def test_a_preset_against_its_values(planned: Callable[[str], Plan]) -> None:
    """The same by hand is the same node; that the preset is gone is said, and is no change."""
    whole = planned(PRESET)
    written = {stem: value for stem, value in whole.profile.settings.items() if stem != "kubernetes"}
    other = planned(yaml.safe_dump(written))
    assert diff.changes(whole, other) == ()
    gone = {f"kubernetes.{key}" for key in ("version", "cni", "proxy", "ip")}
    assert {change.name for change in diff.without_effect(whole, other)} == gone
    assert "changes nothing on the node by itself" in told.text(whole, other)


def test_a_version_that_changes_nothing(planned: Callable[[str], Plan]) -> None:
    one, other = planned(PRESET), planned(PRESET.replace("1.34", "1.35"))
    assert diff.changes(one, other) == ()
    text = told.text(one, other)
    assert "kubernetes.version: 1.34 -> 1.35 changes nothing on the node by itself" in text
    assert text.endswith("no change on the node\n")


def test_only_the_checks_that_differ_are_told(planned: Callable[[str], Plan]) -> None:
    one, other = (planned(f"swap: {{mode: limited, size: {size}GiB}}\n") for size in (1, 2))
    found = [change for change in diff.changes(one, other) if change.kind == "setting"]
    assert [(change.name, change.how, change.by) for change in found] == [("swap", "changed", "line 3")]
    assert ";" not in found[0].before


def test_another_mode_of_a_setting(planned: Callable[[str], Plan]) -> None:
    found = diff.changes(planned("swap: disabled\n"), planned("swap: {mode: limited, size: 1GiB}\n"))
    assert [(change.name, change.how) for change in found if change.kind == "setting"] == [("swap", "changed")]
