"""What faults do to the files of a distribution, on samples of them, and which reds they foresee."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import offline, sysctl_conf
from generator.model import Amend, Edit, Fault, Partition, Plan
from generator.settings.sysctl.faults import another

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
operator:x:37:37::/home/operator:/bin/sh
ops:x:1000:1000::/home/ops:/bin/bash
"""
GROUP = "root:x:0:\nadm:x:4:syslog,ops\nsystemd-journal:x:101:ops\nops:x:1000:ops\nopsadm:x:7:opsy,ops\n"
STATUS = """\
Package: procps
Status: install ok installed
Depends: libc6, procps-doc
Version: 2:4.0.4-9
Description: tools
 for /proc

Package: procps-doc
Status: install ok installed
Version: 2:4.0.4-9
"""
KEYS = "ssh-ed25519 AAAAC3Nz you@laptop"
PEOPLE = f"""\
users:
  - {{name: ops, sudo: true, groups: [ops, adm], ssh_authorized_keys: ["{KEYS}"]}}
  - {{name: batch, shell: /usr/sbin/nologin}}
  - {{name: a-b, groups: [a-b]}}
files:
  - {{path: /opt/theirs, content: "1", owner: ops}}
  - {{path: /opt/ours, content: "1"}}
  - {{path: /opt/nobodys, content: "1", owner: nobody}}
"""


def _faults(plan: Plan) -> dict[str, Fault]:
    return {fault.id: fault for fault in plan.faults}


def _only(fault: Fault) -> Edit:
    (edit,) = fault.edits
    assert isinstance(edit, Edit)
    return edit


def _amended(fault: Fault, sample: str) -> str:
    amend = _only(fault).amend
    assert amend is not None
    return offline.rewritten(sample.encode(), amend).decode()


@pytest.mark.parametrize(
    ("kind", "path", "sample", "before", "after"),
    [
        ("gone", "/etc/passwd", PASSWD, "ops:x:1000:1000::/home/ops:/bin/bash\n", ""),
        ("other-shell", "/etc/passwd", PASSWD, "/home/ops:/bin/bash", "/home/ops:/usr/sbin/nologin"),
        ("left-group", "/etc/group", GROUP, "syslog,ops", "syslog,"),
    ],
)
def test_a_user(planned: Callable[[str], Plan], kind: str, path: str, sample: str, before: str, after: str) -> None:
    """Of that user alone: neither operator nor opsy is touched."""
    fault = _faults(planned(PEOPLE))[f"users.ops.{kind}"]
    assert _only(fault).path == path
    assert _amended(fault, sample) == sample.replace(before, after, 1)


def test_users(planned: Callable[[str], Plan]) -> None:
    faults = _faults(planned(PEOPLE))
    assert faults["users.ops.gone"].red == {"users.ops.login", "users.ops.keys", "files./opt/theirs.laid"}
    assert "/usr/bin/true" in str(_only(faults["users.batch.other-shell"]).amend)
    assert "users.a-b.left-group" not in faults, "its own group it cannot leave"
    assert {name for name in faults if name.startswith("users.batch.")} == {
        "users.batch.gone",
        "users.batch.other-shell",
    }


def test_files(planned: Callable[[str], Plan]) -> None:
    faults = _faults(planned(PEOPLE))
    assert _only(faults["files./opt/ours.owner"]).amend == Amend(owner=65534)
    assert _only(faults["files./opt/nobodys.owner"]).amend == Amend(owner=1)
    assert _only(faults["files./opt/ours.mode"]).amend == Amend(mode="0664")
    assert _amended(faults["files./opt/ours.changed"], "1") == "1# changed\n"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("half-configured", "install ok installed", "install ok half-configured"),
        ("other-version", "2:4.0.4-9", "2:4.0.4-9+other1"),
    ],
)
def test_a_package(planned: Callable[[str], Plan], kind: str, before: str, after: str) -> None:
    """In its own paragraph of dpkg's status, and in no other."""
    fault = _faults(planned('packages: ["procps=2:4.0.4-9"]\n'))[f"packages.procps.{kind}"]
    assert _amended(fault, STATUS) == STATUS.replace(before, after, 1)


def test_services(planned: Callable[[str], Plan]) -> None:
    faults = _faults(planned("services: {a.service: enabled, b@x.timer: disabled, c.socket: masked}\n"))
    units = "/etc/systemd/system"
    assert _only(faults["services.a.service.masked"]) == Edit(f"{units}/a.service", None, link="/dev/null")
    enabled = _only(faults["services.b@x.timer.enabled"])
    assert (enabled.path, enabled.link) == (
        f"{units}/multi-user.target.wants/b@x.timer",
        "/usr/lib/systemd/system/b@.timer",
    )
    assert _only(faults["services.c.socket.unmasked"]) == Edit(f"{units}/c.socket", None)


@pytest.mark.parametrize(
    ("settings", "fault", "also"),
    [
        ("services: {zramswap.service: masked}", "services.zramswap.service.unmasked", "swap.services"),
        ("services: {zramswap.service: masked}", "swap.services.back", "services.zramswap.service.masked"),
        (
            "files: [{path: /etc/systemd/system/x.service, content: x}]\nservices: {x.service: enabled}",
            "services.x.service.masked",
            "files./etc/systemd/system/x.service.laid",
        ),
        ("files: [{path: /etc/modprobe.d/zz-fault.conf, content: x}]", "modules.dummy.forbidden",
         "files./etc/modprobe.d/zz-fault.conf.laid"),
    ],
)  # fmt: skip
def test_who_else_sees_it(planned: Callable[[str], Plan], settings: str, fault: str, also: str) -> None:
    assert also in _faults(planned(f"modules: [dummy]\nswap: disabled\n{settings}\n"))[fault].red


def test_a_unit_that_is_amended_is_still_enabled(planned: Callable[[str], Plan]) -> None:
    unit = "files: [{path: /etc/systemd/system/x.service, content: x}]\nservices: {x.service: enabled}\n"
    red = _faults(planned(unit))["files./etc/systemd/system/x.service.changed"].red
    assert red == {"files./etc/systemd/system/x.service.laid"}


@pytest.mark.parametrize(
    ("key", "want", "other"),
    [
        ("net.ipv4.ip_forward", "1", "0"),
        ("net.bridge.bridge-nf-call-iptables", "1", "0"),
        ("vm.panic_on_oom", "0", "1"),
        ("fs.inotify.max_user_instances", "8192", "128"),
        ("fs.inotify.max_user_watches", "524288", "8192"),
        ("net.ipv4.tcp_congestion_control", "bbr", "cubic"),
        ("net.ipv4.tcp_congestion_control", "cubic", "reno"),
        ("net.core.default_qdisc", "fq", "pfifo_fast"),
        ("a.b", "-1", "0"),
        ("a.b", "10", "9"),
        ("net.ipv4.tcp_rmem", "4096 87380 16777216", "4096 87380 16777215"),
        ("net.ipv4.ip_local_reserved_ports", "30000-32767", "30000-32766"),
    ],
)
def test_another_value(key: str, want: str, other: str) -> None:
    assert another(key, want) == other


@given(st.from_regex(re.compile(r"-?[1-9][0-9]{0,8}( (0|[1-9][0-9]{0,8})){0,3}|0|[a-z_]{1,9}", re.A), fullmatch=True))
def test_another_value_is_one(want: str) -> None:
    assert sysctl_conf.as_read("a.b", another("a.b", want)) != sysctl_conf.as_read("a.b", want)


def test_a_line_that_the_kernel_agrees_with_is_missed_in_the_files_alone(planned: Callable[[str], Plan]) -> None:
    keys = "{net.ipv4.ip_forward: 1, net.bridge.bridge-nf-call-iptables: 1}"
    faults = _faults(planned(f"modules: [br_netfilter]\nsysctl: {keys}\n"))
    ours, theirs = "sysctl.net.bridge.bridge-nf-call-iptables", "sysctl.net.ipv4.ip_forward"
    assert faults[f"{ours}.unset"].red == {f"{ours}.persisted"}
    off = {f"{theirs}.{name}" for name in ("persisted", "value", "routed")}
    assert faults[f"{theirs}.unset"].red == off
    assert faults["sysctl.file.renamed"].red == faults["sysctl.service.masked"].red == off | {f"{ours}.persisted"}


def test_what_nobody_knows_is_not_foretold(planned: Callable[[str], Plan]) -> None:
    """The kernel chooses it by the machine's memory."""
    faults = planned("sysctl: {fs.inotify.max_user_watches: 524288, vm.swappiness: 0}\n").faults
    assert {fault.id.rpartition(".")[2] for fault in faults if "watches" in fault.id} == {"overridden"}
    assert not {"sysctl.file.renamed", "sysctl.service.masked"} & {fault.id for fault in faults}


@pytest.mark.parametrize(
    ("settings", "fault", "red"),
    [
        ("modules: [overlay]", "overlay.unlisted", {"overlay.loaded", "overlay.persisted"}),
        ("modules: [overlay]\ncontainerd: {}", "overlay.unlisted", {"overlay.persisted"}),
        ("modules: [overlay]\ncontainerd: {}", "overlay.deny-listed", {"overlay.loadable"}),
        ("modules: [ip_vs, nf_conntrack]", "nf_conntrack.unlisted", {"nf_conntrack.persisted"}),
        ("modules: [ip_vs, nf_conntrack]", "nf_conntrack.deny-listed", {"nf_conntrack.loadable"}),
        (
            "modules: [ip_vs, nf_conntrack]",
            "nf_conntrack.gone",
            {"nf_conntrack.loaded", "nf_conntrack.loadable", "nf_conntrack.tracked", "ip_vs.loaded", "ip_vs.loadable"},
        ),
        ("modules: [ip_vs, nf_conntrack]", "ip_vs.forbidden", {"ip_vs.loaded", "ip_vs.loadable"}),
        ("modules: [ext4]", "ext4.unlisted", {"ext4.persisted"}),
        ("modules: [ip_tables]", "ip_tables.unlisted", {"ip_tables.persisted"}),
        ("modules: [ext4, dummy]", "service.masked", {"dummy.loaded"}),
    ],
)
def test_modules(planned: Callable[[str], Plan], settings: str, fault: str, red: set[str]) -> None:
    """What needs a module, and what loads it although nothing lists it."""
    found = _faults(planned(f"{settings}\n"))[f"modules.{fault}"].red
    assert {name.removeprefix("modules.") for name in found} == red


@pytest.mark.parametrize(("snapshotter", "fails"), [("overlayfs", True), ("native", False)])
def test_who_cannot_do_without_a_module(planned: Callable[[str], Plan], snapshotter: str, fails: bool) -> None:
    plan = planned(f"modules: [overlay]\ncontainerd: {{snapshotter: {snapshotter}}}\n")
    assert ("containerd.container" in _faults(plan)["modules.overlay.gone"].red) == fails


def test_what_the_kernel_has_built_in_is_only_listed(planned: Callable[[str], Plan]) -> None:
    expects = {expect.id for expect in planned("modules: [ext4]\n").expects if expect.setting.startswith("modules")}
    assert expects == {"modules.ext4.persisted", "modules.kernel-config"}


def test_swap_that_nothing_holds_back(planned: Callable[[str], Plan]) -> None:
    faults = _faults(planned("swap: disabled\n"))
    on = {name for name, fault in faults.items() if "swap.inactive" in fault.red}
    by = {"by-fstab", "by-short-fstab", "by-unit", "by-gpt-type", "by-zram-generator"}
    assert on == {"swap.turned-on", *(f"swap.{one}" for one in by)}
    (partition,) = (edit for edit in faults["swap.by-gpt-type"].edits if isinstance(edit, Partition))
    assert partition.head[4086:] == b"SWAPSPACE2"
    lines = [
        offline.rewritten(b"x / ext4", edit.amend)
        for name in ("by-fstab", "by-short-fstab")
        for edit in faults[f"swap.{name}"].edits
        if isinstance(edit, Edit) and edit.amend
    ]
    assert lines == [b"x / ext4\n/swap.fault\tnone\tswap\tsw\t0\t0\n", b"x / ext4\n/swap.fault\tnone\tswap\n"]
