"""What the host says of what a node saw."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping

import pytest

from generator import judge, observation
from generator.formats import observer
from generator.model import Boot, Plan, Verdict
from generator.sysctl_conf import Link, Tree
from tests.sysctl_conf.trees import seen

OURS = "/etc/sysctl.d/99-zz-nodebake.conf"
SETTINGS = """modules: [br_netfilter]
sysctl:
  net.bridge.bridge-nf-call-iptables: 1
swap: disabled
"""
GOOD = {
    "modules.br_netfilter.loaded": (0, "br_netfilter is loaded\n"),
    "modules.br_netfilter.loadable": (0, "br_netfilter is loaded\n"),
    "modules.br_netfilter.persisted": (0, "# /etc/modules-load.d/nodebake.conf\nbr_netfilter\n"),
    "modules.kernel-config": (0, "/boot/config-6.1.0-50-cloud-amd64\n"),
    "sysctl.net.bridge.bridge-nf-call-iptables.value": (0, "1\n"),
    "sysctl.net.bridge.bridge-nf-call-iptables.persisted": (0, seen({OURS: b"net.bridge.bridge-nf-call-iptables = 1"})),
    "swap.inactive": (0, "Filename\tType\tSize\tUsed\tPriority\n"),
    "swap.fstab": (0, "# /swapfile none swap sw 0 0\nLABEL=root / ext4 defaults 0 1\n/mnt/swap /x ext4 a 0 0\n"),
    "swap.target": (0, "masked\n"),
    "swap.guard": (0, "enabled running\n"),
    **{f"swap.{name}": (0, "that is all\n") for name in ("generators", "services", "kernel-arguments", "resume")},
    "swap.ResourceDisk.EnableSwap": (0, "that is all\n"),
    "swap.swapon": (0, "swapon holds: a\n"),
    "swap.kubelet-finds": (0, "off holds: a\n"),
    "sysctl.net.bridge.bridge-nf-call-iptables.policy": (0, "policy holds: a\n"),
}


def _good(plan: Plan) -> Mapping[str, tuple[int, str] | None]:
    """With the files that lie on the node as they were made."""
    made = {expect.id: (0, expect.args[1]) for expect in plan.expects if expect.kind == "file-as-made"}
    return {**GOOD, **made}


def _hello(plan: Plan, boot_id: str = "a") -> str:
    commands = observer.digest(observer.commands(plan))
    return json.dumps({"hello": "nodebake/v1", "boot_id": boot_id, "commands": commands})


def _lines(plan: Plan, told: Mapping[str, tuple[int, str | bytes] | None], boot_id: str = "a") -> list[str]:
    """Lines of JSON, as observe.sh prints them. What is not `told` is as it should be."""
    commands = observer.commands(plan)
    by_id = {expect.id: judge.checks.command(expect) for expect in plan.expects}
    answers = {**_good(plan), **told}
    order = (*(name for name in by_id if name not in told), *(name for name in told if name in by_id))
    by_command = {by_id[name]: answers[name] for name in order}
    lines = [_hello(plan, boot_id)]
    for number, argv in enumerate(commands):
        answer = by_command[argv]
        if answer is not None:
            printed = answer[1].encode() if isinstance(answer[1], str) else answer[1]
            out = base64.b64encode(printed).decode()
            lines.append(json.dumps({"id": number, "code": answer[0], "out": out}))
    return [*lines, json.dumps({"done": len(commands)})]


def _boot(plan: Plan, told: Mapping[str, tuple[int, str | bytes] | None], boot_id: str = "a") -> Boot | None:
    """Through the real protocol."""
    return observation.read(_lines(plan, told, boot_id), observer.commands(plan))


def _bad(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    return {verdict.expect.id: verdict.status for verdict in verdicts if verdict.status != "pass"}


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(SETTINGS)


def test_all_is_well(plan: Plan) -> None:
    verdicts = judge.boots(plan, [_boot(plan, {}, "a"), _boot(plan, {}, "b")])
    assert not _bad(verdicts)
    assert len(verdicts) == 2 * len(_good(plan)) + 2


CASES: list[tuple[dict[str, tuple[int, str | bytes] | None], dict[str, str]]] = [
    ({"modules.br_netfilter.persisted": (0, "# br_netfilter\n")}, {"modules.br_netfilter.persisted": "fail"}),
    (
        {
            "modules.br_netfilter.loaded": (0, "br_netfilter is absent\nbr_netfilter not: /a.conf:1: blacklist x\n"),
            "sysctl.net.bridge.bridge-nf-call-iptables.value": (1, "cat: No such file\n"),
        },
        {
            "modules.br_netfilter.loaded": "fail",
            "modules.br_netfilter.loadable": "fail",
            "sysctl.net.bridge.bridge-nf-call-iptables.value": "blocked",
        },
    ),
    (
        {"sysctl.net.bridge.bridge-nf-call-iptables.value": (0, "0\n")},
        {"sysctl.net.bridge.bridge-nf-call-iptables.value": "fail"},
    ),
    (
        {"sysctl.net.bridge.bridge-nf-call-iptables.persisted": (0, seen({OURS: b"# nothing"}))},
        {"sysctl.net.bridge.bridge-nf-call-iptables.persisted": "fail"},
    ),
    (
        {"sysctl.net.bridge.bridge-nf-call-iptables.persisted": (0, seen({OURS: b"# nothing"})[:-1])},
        {"sysctl.net.bridge.bridge-nf-call-iptables.persisted": "fail"},
    ),
    ({"swap.inactive": (0, "Filename Type\n/swapfile file 1 0 -2\n")}, {"swap.inactive": "fail"}),
    ({"swap.fstab": (0, "/swapfile\tnone\tswap\n")}, {"swap.fstab": "fail"}),
    ({"swap.target": (0, "loaded\n")}, {"swap.target": "fail"}),
    ({"modules.kernel-config": (1, "no kernel config\n")}, {"modules.kernel-config": "fail"}),
    ({"swap.units": (0, "644 root:root 00")}, {"swap.units": "fail"}),
    ({"swap.guard": (0, "enabled stopped\n")}, {"swap.guard": "fail"}),
    ({"swap.generators": (0, "")}, {"swap.generators": "fail"}),
    ({"swap.services": (0, "/a is not a link to /dev/null\nthat is all\n")}, {"swap.services": "fail"}),
    ({"swap.inactive": None}, {"swap.inactive": "unobserved"}),
    ({"swap.inactive": (124, "")}, {"swap.inactive": "fail"}),
]


@pytest.mark.parametrize(("change", "bad"), CASES, ids=",".join)
def test_each_check_can_fail(
    plan: Plan, change: dict[str, tuple[int, str | bytes] | None], bad: dict[str, str]
) -> None:
    assert _bad(judge.boots(plan, [_boot(plan, change)])) == bad


BRIDGE = "net.bridge.bridge-nf-call-iptables"
FILES: list[tuple[Tree, bool, str]] = [
    ({"/etc/sysctl.d/zz.conf": b"#\n-net/bridge/bridge-nf-call-iptables=0"}, False, "0 by /etc/sysctl.d/zz.conf:2"),
    (
        {"/etc/sysctl.d/zz.conf": f"-{BRIDGE}".encode()},
        False,
        f"nothing sets it: /etc/sysctl.d/zz.conf:1 takes it out again (-{BRIDGE})",
    ),
    ({"/etc/sysctl.d/99-a.conf": f"{BRIDGE} = 0".encode()}, True, f"1 by {OURS}:1"),
    (
        {"/etc/sysctl.conf": f"{BRIDGE} = 0".encode()},
        True,
        f"1 by {OURS}:1; `sysctl --system` would make it 0 by /etc/sysctl.conf:1",
    ),
    (
        {"/etc/systemd/system/systemd-sysctl.service": Link("/dev/null")},
        False,
        "systemd-sysctl.service is masked, so that no file is read at a boot",
    ),
]


@pytest.mark.parametrize(("files", "holds", "told"), FILES)
def test_who_has_the_last_word_on_a_parameter(plan: Plan, files: Tree, holds: bool, told: str) -> None:
    key = f"sysctl.{BRIDGE}.persisted"
    printed = seen({OURS: f"{BRIDGE} = 1".encode(), **files})
    verdicts = judge.boots(plan, [_boot(plan, {key: (0, printed)})])
    found = next(verdict for verdict in verdicts if verdict.expect.id == key)
    assert (found.status == "pass", found.found) == (holds, told)


def test_same_boot_twice(plan: Plan) -> None:
    assert _bad(judge.boots(plan, [_boot(plan, {}, "a"), _boot(plan, {}, "a")])) == {"boots.distinct": "fail"}


def test_a_reboot_that_changes_the_node(plan: Plan) -> None:
    later = {"swap.inactive": (0, "Filename Type\n/dev/zram0 partition 1 0 -2\n")}
    bad = _bad(judge.boots(plan, [_boot(plan, {}, "a"), _boot(plan, later, "b")]))
    assert bad == {"swap.inactive": "fail", "boots.same": "fail"}


def test_nothing_was_observed(plan: Plan) -> None:
    assert set(_bad(judge.boots(plan, [None])).values()) == {"unobserved"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Welcome to Debian",
        "[1]",
        '{"id": 0}',
        '{"id": 99, "code": 0, "out": ""}',
        '{"id": 0, "code": 0, "out": "!"}',
    ],
)
def test_lines_that_are_no_observations(plan: Plan, line: str) -> None:
    commands = observer.commands(plan)
    found = observation.read([_hello(plan), line], commands)
    assert found is not None
    assert not found.observations


def test_an_observer_of_another_profile(planned: Callable[[str], Plan]) -> None:
    """Of as many commands, whose answers would do."""
    ours, other = planned("sysctl: {net.ipv4.ip_forward: 1}\n"), planned("sysctl: {net.ipv6.conf.all.forwarding: 1}\n")
    good = {
        expect.id: (0, "1\n" if expect.id.endswith("value") else seen({OURS: f"{expect.args[0]} = 1\n".encode()}))
        for expect in (*ours.expects, *other.expects)
    }
    good |= {
        f"sysctl.{key}.routed": (0, "forward holds: a")
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
    }
    assert len(observer.commands(ours)) == len(observer.commands(other))
    assert not _bad(judge.boots(ours, [_boot(ours, good)]))
    read = observation.read(_lines(other, good), observer.commands(ours))
    verdicts = judge.boots(ours, [read])
    assert {verdict.status for verdict in verdicts} == {"unobserved"}
    assert {verdict.found for verdict in verdicts} == {
        "observe.sh was made from another profile: render it anew from this one"
    }


def test_other_wishes_of_the_same_commands(planned: Callable[[str], Plan]) -> None:
    """What a node is does not depend on what it shall be."""
    one, two = planned("sysctl: {vm.swappiness: 1}\n"), planned("sysctl: {vm.swappiness: 2}\n")
    assert observer.digest(observer.commands(one)) == observer.digest(observer.commands(two))


def test_an_empty_suite_proves_nothing(planned: Callable[[str], Plan]) -> None:
    assert judge.boots(planned(""), [Boot("a", {}), Boot("b", {})]) == ()
