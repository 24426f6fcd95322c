"""What two clones tell of what was left in their image, by hand: each list can turn red and be cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator import clones
from generator.clones import left
from generator.model import Plan
from tests.clone_streams import SETTINGS, judge, machine, wrong


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(SETTINGS)


LEFT = "clones.cni-state"  # whose command is that of all rows
BAD = [
    ("cni-state", LEFT, "cni-state /etc/cni/net.d/x\nlooked\n", "/etc/cni/net.d/x"),
    ("tmp.new", LEFT, "tmp /var/tmp/b\ntmp /var/tmp/a\nlooked\n", "/var/tmp/a, /var/tmp/b"),
    ("cloud-init-seed", LEFT, "cloud-init-seed /var/lib/cloud/seed/x\nlooked\n", "/var/lib/cloud/seed/x"),
    ("hosts", "clones.hosts", "/etc/hosts:2\nlooked\n", "/etc/hosts:2"),
    ("proxies", "clones.proxies", "grep: no -P\n", "sh failed with exit code 0: grep: no -P"),
    (
        "passwords",
        "clones.passwords",
        "/etc/shadow-: x has one\nroot stands in /etc/shadow\nlooked\n",
        "/etc/shadow-: x has one",
    ),
    ("passwords", "clones.passwords", "looked\n", "nobody stands in /etc/shadow"),
    ("accounts", "clones.accounts", "root:x:0:0::/:/\nbuild:x:1000:0::/:/\n", "build"),
    (
        "accounts",
        "clones.accounts",
        "root:x:0:0::/:/\na:x:+0:0::/:/\n",
        "/etc/passwd:2 is no account as tools write it",
    ),
    ("accounts", "clones.accounts", "", "/etc/passwd has no root"),
    ("sudoers", "clones.sudoers", "/etc/sudoers.d/build\nlooked\n", "/etc/sudoers.d/build"),
    (
        "authorized-keys",
        "clones.authorized-keys",
        "/srv/x/.ssh/authorized_keys\nlooked\n",
        "/srv/x/.ssh/authorized_keys",
    ),
    ("sshd", "clones.sshd", "trustedusercakeys /x\nlooked\n", None),
    ("sshd", "clones.sshd", "/etc/ssh/sshd_config: line 1: Bad configuration option\n", None),
    ("hostname", "clones.hostname", "build\n", "build"),
]


@pytest.mark.parametrize(("red", "command", "told", "found"), BAD, ids=[f"{row[0]}-{n}" for n, row in enumerate(BAD)])
def test_what_was_left(plan: Plan, red: str, command: str, told: str, found: str | None) -> None:
    """On one of both, in its first boot: what is said once is said of the first boot alone."""
    one, other = machine("1"), machine("2")
    verdicts = judge(plan, (one, one), ({**other, command: told}, other))
    assert wrong(verdicts) == {(red, 1): "fail"}
    assert found is None or found == next(v.found for v in verdicts if v.status == "fail")


def test_what_is_older_than_a_second_boot(plan: Plan) -> None:
    one, other = machine("1"), machine("2")
    later = {**other, LEFT: "tmp /var/tmp/a\nlogs /var/log/x\nlooked\n"}
    assert not wrong(judge(plan, (one, one), (other, later)))


@pytest.mark.parametrize("told", ["looked\n" * 2, "other /x\nlooked\n", "cni-state /x\n", ""])
def test_a_list_that_did_not_come_to_its_end(plan: Plan, told: str) -> None:
    """Nothing found, and something else said, is not nothing there."""
    one, other = machine("1"), {**machine("2"), LEFT: told}
    bad = wrong(judge(plan, (one, one), (other, other)))
    rows = [expect for expect in left.alone(plan) if expect.kind == "clone-left"]
    assert len([name for name, boot in bad if boot == 1]) == len(rows) > 20


@pytest.mark.parametrize("name", ["credential-secret", "storage-names", "agents"])
def test_what_both_were_given(plan: Plan, name: str) -> None:
    """Neither having one is fine; the same is not, also of several."""
    lines = [f"{which * 64}  /x/{which}\n" for which in "345"]
    one, other = machine("1"), machine("2")
    one[f"clones.{name}"], other[f"clones.{name}"] = f"{lines[0]}{lines[1]}looked\n", f"{lines[1]}{lines[2]}looked\n"
    assert wrong(judge(plan, (one, one), (other, other))) == {(name, 1): "fail", (name, 2): "fail"}
    other[f"clones.{name}"] = "looked\n"
    assert not wrong(judge(plan, (one, one), (other, other)))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("i-of-the-build\ni-of-the-build\n", "i-of-the-build, which is another machine's"),
        ("nodebake-clone2\ni-of-the-build\nnodebake-clone2\n", "also i-of-the-build"),
        ("", ", which is another machine's"),
    ],
)
def test_another_machines_instance(plan: Plan, told: str, found: str) -> None:
    one, other = machine("1"), {**machine("2"), "clones.instance": told}
    verdicts = judge(plan, (one, one), (other, other))
    assert wrong(verdicts) == {("instance", 1): "fail", ("instance", 2): "fail"}
    assert {v.found for v in verdicts if v.status == "fail"} == {f"one: nodebake-clone1; the other: {found}"}


def test_a_name_that_the_profile_lays(planned: Callable[[str], Plan]) -> None:
    """Somebody wants it on every node."""
    plan = planned("files: [{path: /etc/nvme/hostid, content: x}]\n")
    told = {"clones.storage-names": f"{'3' * 64}  /etc/nvme/hostid\nlooked\n"}
    one, other = ({**machine(which), **told} for which in "12")
    known = {expect.id for expect in clones.watched(plan).expects}
    lives = [({name: text for name, text in life.items() if name in known},) * 2 for life in (one, other)]
    assert not {name for name, _ in wrong(judge(plan, *lives))} & known


def test_what_the_profile_lays_was_not_left(planned: Callable[[str], Plan]) -> None:
    plan = planned(
        "users: [{name: ops, sudo: true}]\nfiles:\n"
        "  - {path: /etc/cni/net.d/x, content: a}\n  - {path: /etc/ssh/sshd_config.d/x, content: a}\n"
        "  - {path: /etc/default/x, content: a}\n"
    )
    known = {expect.id for expect in clones.watched(plan).expects}
    assert "clones.sshd" not in known
    told = [
        {
            **machine(which),
            LEFT: "cni-state /etc/cni/net.d/x\nlooked\n",
            "clones.proxies": "/etc/default/x:1\nlooked\n",
            "clones.accounts": "root:x:0:0::/:/\nops:x:1000:0::/:/\n",
            "clones.sudoers": "/etc/sudoers.d/90-nodebake-ops\nlooked\n",
        }
        for which in "12"
    ]
    lives = [({name: text for name, text in one.items() if name in known},) * 2 for one in told]
    assert not {name for name, _ in wrong(judge(plan, *lives)) if name in known or name in {"cni-state", "proxies"}}
