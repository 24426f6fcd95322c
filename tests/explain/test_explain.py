"""Every name under which people know a setting leads to its row, and each row to its checks and faults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from generator import explain, names, reasons, settings
from generator.explain import Topic, answers, proofs
from generator.model import Plan
from tests.conftest import ROOT
from tests.settings.test_yields import EVERYTHING

TOPICS = explain.topics()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("net.ipv4.ip_forward", "sysctl.net.ipv4.ip_forward"),
        ("sysctl.net.ipv4.ip_forward", "sysctl.net.ipv4.ip_forward"),
        ("net/ipv4/ip_forward", "sysctl.net.ipv4.ip_forward"),
        ("/proc/sys/net/ipv4/ip_forward", "sysctl.net.ipv4.ip_forward"),
        ("net.ipv4.conf.all.forwarding", "sysctl.net.ipv4.ip_forward"),
        ("sysctl.net.ipv4.conf.all.forwarding", "sysctl.net.ipv4.ip_forward"),
        ("net.ipv4.ip_forward=1", "sysctl.net.ipv4.ip_forward"),
        ("net.ipv4.ip_forward = 1", "sysctl.net.ipv4.ip_forward"),
        ("net.ipv4.ip_forward: 1", "sysctl.net.ipv4.ip_forward"),
        ("sudo sysctl -w net.ipv4.ip_forward=1", "sysctl.net.ipv4.ip_forward"),
        ("cat /proc/sys/net/ipv4/ip_forward", "sysctl.net.ipv4.ip_forward"),
        ("'net.ipv4.ip_forward'", "sysctl.net.ipv4.ip_forward"),
        ("NET.IPV4.IP_FORWARD", "sysctl.net.ipv4.ip_forward"),
        ("ip_forward", "sysctl.net.ipv4.ip_forward"),
        ("net.ipv4.conf.cilium_host.rp_filter", "sysctl.net.ipv4.conf.*.rp_filter"),
        ("br_netfilter", "modules.br_netfilter"),
        ("br-netfilter", "modules.br_netfilter"),
        ("modules.br-netfilter", "modules.br_netfilter"),
        ("modprobe br_netfilter", "modules.br_netfilter"),
        ("overlay", "modules.overlay"),
        ("swap", "swap.disabled"),
        ("swap.limited", "swap.limited"),
        ("swap.fstab", "swap.disabled"),
        ("swap.turned-on", "swap.disabled"),
        ("modules.overlay.loaded", "modules.overlay"),
        ("modules.overlay.unlisted", "modules.overlay"),
        ("sysctl.net.ipv4.ip_forward.persisted", "sysctl.net.ipv4.ip_forward"),
        ("conntrack", "packages.conntrack"),
        ("sysctl", "sysctl"),
        ("containerd", "containerd"),
        ("SystemdCgroup", "containerd.SystemdCgroup"),
        ("cgroup-v2", "node.cgroup-v2"),
        ("kubernetes.cni", "kubernetes.cni"),
        ("nf_conntrack_ipv4", "modules.nf_conntrack"),
        ("kubernetes.net.ipv6.conf.en*.accept_ra.persisted", "kubernetes.ip"),
    ],
)
def test_names(asked: str, found: str) -> None:
    place = explain.find(asked)
    assert place is not None
    assert names.full(*place) == found


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("kubernetes.net.ipv6.conf.en*.accept_ra", "sysctl.net.ipv6.conf.*.accept_ra"),
        ("kubernetes.net.ipv4.conf.lxc*.rp_filter.persisted", "sysctl.net.ipv4.conf.*.rp_filter"),
        ("sysctl.net.ipv4.conf.default.rp_filter.value", "sysctl.net.ipv4.conf.*.rp_filter"),
        ("services.containerd.service", "services"),
        ("services.containerd.service.enabled", "services"),
        ("packages.containerd", "packages"),
        ("users.ops", "users"),
        ("files./etc/motd", "files"),
        ("swap.size", "swap.limited"),
    ],
)
def test_what_plan_prints(printed: str, found: str) -> None:
    place = explain.find(printed)
    assert place is not None
    assert names.full(*place) == found


@pytest.mark.parametrize("place", reasons.rows(), ids=lambda place: names.full(*place))
def test_each_row_is_found_by_its_name(place: reasons.Place) -> None:
    assert explain.find(names.full(*place)) == place


@pytest.mark.parametrize(
    ("asked", "guess"),
    [
        ("net.ipv4.ip_forwrd", "sysctl.net.ipv4.ip_forward"),
        ("ip_forwrd", "sysctl.net.ipv4.ip_forward"),
        ("br_netfiler", "modules.br_netfilter"),
        ("swap.limitd", "swap.limited"),
        ("overlayfs", "modules.overlay"),
        ("contanerd", "containerd"),
    ],
)
def test_guesses(asked: str, guess: str) -> None:
    assert explain.find(asked) is None
    assert explain.guesses(asked)[0] == guess


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        ("NodeSwap", "swap.limited"),
        ("failswapon", "swap.disabled"),
        ("cilium", "sysctl.net.ipv4.conf.*.rp_filter"),
        ("memorySwap.swapBehavior", "swap.limited"),
        ("nsenter", "packages.util-linux"),
    ],
)
def test_mentioned(asked: str, row: str) -> None:
    assert explain.find(asked) is None
    assert explain.mentioning(asked)[0] == row


@pytest.mark.parametrize("asked", ["is", "a", "", "xyzzy", "NodeSwa"])
def test_not_mentioned(asked: str) -> None:
    assert not explain.mentioning(asked)


@pytest.mark.parametrize("asked", ["nonsense", "xyzzy", "", " ", "=", "net", "a b"])
def test_no_name(asked: str) -> None:
    assert explain.find(asked) is None


PROVEN = [topic for topic in TOPICS if topic.place[0] in settings.stems() and not topic.row.refused]


@pytest.mark.parametrize("topic", PROVEN, ids=lambda topic: topic.name)
def test_each_row_of_a_setting_is_proven(topic: Topic) -> None:
    """Its sample passes the schema and yields something to observe, or brings what does."""
    assert topic.proof.checks or topic.proof.brings


@pytest.mark.parametrize("topic", PROVEN, ids=lambda topic: topic.name)
def test_each_claim_has_a_check(topic: Topic) -> None:
    for claim in topic.row.brief:
        assert topic.checks_of(claim), claim


def test_a_row_that_is_refused_has_no_check() -> None:
    topic = explain.topic(("sysctl", "kernel.modules_disabled"))
    assert topic.row.refused
    assert not topic.proof.checks


def test_proofs_are_of_the_key_alone() -> None:
    found = explain.topic(("sysctl", "net.ipv4.ip_forward")).proof
    assert list(found.checks) == [f"sysctl.net.ipv4.ip_forward.{name}" for name in ("value", "persisted", "routed")]
    assert list(found.faults) == [
        "sysctl.net.ipv4.ip_forward.overridden",
        "sysctl.net.ipv4.ip_forward.unset",
        "sysctl.file.renamed",
        "sysctl.service.masked",
    ]
    assert set(explain.topic(("modules", "overlay")).proof.checks) == {
        "modules.overlay.loaded",
        "modules.overlay.loadable",
        "modules.overlay.persisted",
        "modules.overlay.stacked",
    }


def test_a_fault_belongs_to_the_checks_that_it_turns_red() -> None:
    assert "containerd.snapshotter.other" in explain.topic(("containerd", "snapshotter")).proof.faults
    assert "containerd.runc.missing" in explain.topic(("containerd", "container")).proof.faults
    for topic in TOPICS:
        for fault in topic.proof.faults.values():
            assert fault.red & set(topic.proof.checks), (topic.name, fault.id)


def test_a_sample_that_no_schema_takes_proves_nothing() -> None:
    row = reasons.Reason("why", "breaks", sample="on")
    assert proofs.of(("swap", "x"), row) == proofs.Proof()
    assert proofs.of(("nosuch", "x"), row) == proofs.Proof()


def test_what_breaks_is_said_by_a_row(planned: Callable[[str], Plan]) -> None:
    rows = {text for row in reasons.rows().values() for text in (row.breaks, *row.probes.values())}
    for expect in planned(EVERYTHING).expects:
        stem, _, key = expect.setting.partition(".")
        assert expect.breaks in rows | {reasons.reason(stem, key).breaks}, expect


def _facts(topic: Topic) -> set[str]:
    row = topic.row
    said = {row.what, row.why, *(item.source for item in (*row.who, *row.since, *row.beware))}
    said |= {need.needs for need in row.who} | {fact.says for fact in (*row.since, *row.beware)}
    return said | set(topic.proof.checks) | set(topic.proof.faults)


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_told_whole(topic: Topic, form: str) -> None:
    """Nothing that is known of a row is lost on the way, whatever wraps or escapes it."""
    told = " ".join(answers.answer(topic.name, form).text.replace("\\", "").split()).lower()
    assert not {fact for fact in _facts(topic) if fact.lower() not in told}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_told_whole_to_programs(topic: Topic) -> None:
    told = json.loads(answers.answer(topic.name, "json").text)
    assert told["kind"] == "setting"
    assert [fact["says"] for fact in told["beware"]] == [fact.says for fact in topic.row.beware]
    assert [claim["verdict"] for claim in told["brief"]] == [claim.verdict for claim in topic.row.brief]
    assert [check["check"] for check in told["checks"]] == list(topic.proof.checks)
    assert [fault["fault"] for fault in told["faults"]] == list(topic.proof.faults)
    assert all(seen["rank"] >= 1 for seen in told["symptoms"])


def test_the_page_is_current() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert page == answers.everything("markdown"), "run: make docs"


def test_the_page_has_each_link_s_end() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    ends = set(_all(r'<a id="([^"]+)"', page))
    assert set(_all(r"\]\(#([^)]+)\)", page)) <= ends


def _all(pattern: str, text: str) -> list[str]:
    return re.findall(pattern, text)


def test_the_page_has_all_claims() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    rows = page[page.index('<a id="claims">') :].splitlines()
    claims = [line for line in rows if line.startswith("| ") and not line.startswith("| the brief says")]
    assert len(claims) == sum(len(row.brief) for row in reasons.rows().values())


def test_index() -> None:
    found = json.loads(answers.everything("json"))
    assert {row["name"] for row in found["settings"]} == {topic.name for topic in TOPICS}
    assert "modules.br_netfilter" in answers.everything("text")
