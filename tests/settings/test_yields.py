"""What each setting yields from one value: table-driven, for all of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator import checks, data, settings
from generator.model import Plan
from generator.settings.swap.faults import swap_area

EVERYTHING = """modules: [overlay, br_netfilter]
containerd: {sandbox_image: "registry.k8s.io/pause:3.10", bin_dir: /opt/cni/bin, config_path: /etc/containerd/certs.d}
sysctl:
  net.bridge.bridge-nf-call-iptables: 1
  vm.swappiness: 0
  net.ipv4.tcp_rmem: 4096 87380  16777216
swap: disabled
packages: [ethtool, iptables, "conntrack=1:1.4.7-1"]
kubernetes: {version: "1.30", cni: cilium, ip: [ipv4, ipv6]}
kubelet: {version: "1.30.2", images: [{name: "registry.k8s.io/pause:3.10", archive: /srv/pause.tar, sha256: "%s"}]}
files:
  - {path: /etc/motd, content: "hi\\n"}
  - {path: /opt/blob, content: AAEC, encoding: base64, mode: "0600", owner: ops, group: ops}
services: {apt-daily.timer: masked}
users:
  - {name: ops, sudo: true, groups: [adm], ssh_authorized_keys: ["ssh-ed25519 AAAAC3Nz you@laptop"]}
""" % ("ab" * 32)


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(EVERYTHING)


def test_it_is_everything(plan: Plan) -> None:
    assert set(plan.settings) == set(settings.stems())


def test_order(plan: Plan) -> None:
    """A user is there before a file of theirs; a module before its parameters."""
    order = plan.settings
    assert order.index("users") < order.index("files") < order.index("packages") < order.index("modules")
    assert order.index("modules") < order.index("sysctl") < order.index("services")


def test_every_setting_is_expected(plan: Plan) -> None:
    assert {expect.id.split(".")[0] for expect in plan.expects} == set(plan.settings)
    assert len({expect.id for expect in plan.expects}) == len(plan.expects)


def test_every_expectation_is_of_a_known_kind_and_says_what_breaks(plan: Plan) -> None:
    for expect in plan.expects:
        assert checks.command(expect)
        assert expect.breaks
        assert expect.want


def test_faults_name_expectations_that_there_are(plan: Plan) -> None:
    known = {expect.id for expect in plan.expects}
    for fault in plan.faults:
        assert fault.red
        assert fault.red <= known
        assert fault.edits


@pytest.mark.parametrize("stem", ["modules", "sysctl", "swap", "files", "kubernetes", "containerd", "kubelet"])
def test_every_expectation_has_a_fault(plan: Plan, stem: str) -> None:
    expected = {expect.id for expect in plan.expects if expect.id.startswith(f"{stem}.")}
    assert expected == {red for fault in plan.faults for red in fault.red if red.startswith(f"{stem}.")}


def test_every_step_has_its_shell_functions(plan: Plan) -> None:
    shell = "".join(path.read_text() for path in data.TEMPLATES.rglob("*.sh"))
    for step in plan.steps:
        assert f"{step.call[0]}_ok()" in shell
        assert f"{step.call[0]}_do()" in shell


def _file(plan: Plan, path: str) -> str:
    return next(file.content.decode() for _, file in plan.files if file.path == path)


def test_a_comment_a_setting(plan: Plan) -> None:
    for path in ("/etc/modules-load.d/nodebake.conf", "/etc/sysctl.d/99-zz-nodebake.conf"):
        blocks = _file(plan, path).strip().split("\n\n")
        assert plan.profile.digest in blocks[0]
        assert all(block.startswith("# ") and "\n" in block for block in blocks[1:])


def test_values(plan: Plan) -> None:
    sysctl = _file(plan, "/etc/sysctl.d/99-zz-nodebake.conf")
    assert "\nvm.swappiness = 0\n" in sysctl
    assert "\nnet.ipv4.tcp_rmem = 4096 87380 16777216\n" in sysctl
    assert "\noverlay\n" in _file(plan, "/etc/modules-load.d/nodebake.conf")
    assert "ops ALL=(ALL:ALL) NOPASSWD: ALL" in _file(plan, "/etc/sudoers.d/90-nodebake-ops")


def test_needs(plan: Plan, planned: Callable[[str], Plan]) -> None:
    name = "sysctl.net.bridge.bridge-nf-call-iptables.value"
    needs = {expect.id: expect.needs for expect in plan.expects}[name]
    assert needs == ("modules.br_netfilter.loaded",)
    dashed = planned("modules: [br-netfilter]\nsysctl: {net.bridge.bridge-nf-call-iptables: 1, vm.swappiness: 1}\n")
    told = {expect.id: expect.needs for expect in dashed.expects if expect.needs}
    policy = "sysctl.net.bridge.bridge-nf-call-iptables.policy"
    assert told == {name: ("modules.br-netfilter.loaded",), policy: ("modules.br-netfilter.loaded",)}


def test_a_swap_area_is_one() -> None:
    area = swap_area(1 << 20)
    assert len(area) == 1 << 20
    assert area[4086:4096] == b"SWAPSPACE2"
    assert int.from_bytes(area[1028:1032], "little") == 255  # last page
