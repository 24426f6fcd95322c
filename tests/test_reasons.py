"""The rows: complete, with sources, worded as the house words things, and none for a setting that there is not."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest

from generator import distro, names, reasons, schema
from generator.facts import needs
from generator.reasons import VERDICTS, Place, Reason

ROWS = sorted(reasons.rows().items())
NO_SETTING = "node"
NOT_OF_KUBERNETES = (NO_SETTING, "hygiene")  # the base's, and every image's: no version of Kubernetes has a say in it
# Who hosts packages may change its address; a row names the document, not where it was fetched.
HOSTS = re.compile(r"https?:|ftp\.|mirror\.|^/(home|root|tmp)/", re.IGNORECASE)


def _rows(test):
    return pytest.mark.parametrize(("place", "row"), ROWS, ids=[names.full(*place) for place, _ in ROWS])(test)


def _sentences(row: Reason) -> Iterator[str]:
    """All that we say; what the brief says is quoted as it stands."""
    yield from (row.what, row.why, row.breaks)
    for item in (*row.who, *row.since, *row.beware, *row.brief):
        yield from (value for key, value in dataclasses.asdict(item).items() if key not in ("section", "says"))
    yield from (fact.says for fact in (*row.since, *row.beware))


def test_there_are_rows() -> None:
    assert len(ROWS) > 100
    assert sum(len(row.brief) for _, row in ROWS) > 80


@_rows
def test_complete(place: Place, row: Reason) -> None:
    assert row.what
    assert row.why
    assert row.breaks
    assert row.who, "who needs it?"


@_rows
def test_since_when(place: Place, row: Reason) -> None:
    """Since which version it is needed, or no longer; or that no version has changed it."""
    assert row.since or place[0] in NOT_OF_KUBERNETES


@_rows
def test_sources(place: Place, row: Reason) -> None:
    for item in (*row.who, *row.since, *row.beware, *row.brief):
        assert item.source, item


@_rows
def test_wording(place: Place, row: Reason) -> None:
    """One sentence each, without a full stop and a capital where none is due; nothing of this machine."""
    for text in _sentences(row):
        assert text == text.strip(), text
        assert "  " not in text, text
        assert not text.endswith("."), text
        assert not HOSTS.search(text), text
        assert text.isprintable(), text
        assert text.count("`") % 2 == 0, text


@_rows
def test_not_orphaned(place: Place, row: Reason) -> None:
    assert place[0] in {*schema.stems(), NO_SETTING}
    module = reasons.module_of(place)
    assert not module or ("modules", module) in reasons.rows()


@_rows
def test_claims(place: Place, row: Reason) -> None:
    for claim in row.brief:
        assert claim.verdict in VERDICTS
        assert (claim.verdict == "out of date") == bool(claim.since), "since when?"
        assert claim.truth
        assert claim.section


def test_one_row_for_each_name() -> None:
    """Two spellings of one parameter would be two rows for one thing."""
    spelt = [(stem, names.canonical(stem, key)) for stem, key in reasons.rows()]
    assert len(set(spelt)) == len(spelt)


@pytest.mark.parametrize(
    ("stem", "key", "found"),
    [
        ("sysctl", "net.ipv4.ip_forward", "net.ipv4.ip_forward"),
        ("sysctl", "net.ipv4.conf.all.forwarding", "net.ipv4.ip_forward"),
        ("sysctl", "net/ipv4/ip_forward", "net.ipv4.ip_forward"),
        ("sysctl", "net.ipv4.conf.eth0.rp_filter", "net.ipv4.conf.*.rp_filter"),
        ("sysctl", "net.ipv6.conf.en*.accept_ra", "net.ipv6.conf.*.accept_ra"),
        ("sysctl", "net.ipv4.conf.eth0.forwarding", None),
        ("modules", "br-netfilter", "br_netfilter"),
        ("modules", "xt_set", "xt_set"),
        ("modules", "xt_mark", "xt_*"),
        ("modules", "nothing", None),
    ],
)
def test_find(stem: str, key: str, found: str | None) -> None:
    assert reasons.find(stem, key) == ((stem, found) if found else None)


def test_a_value_without_a_row() -> None:
    assert reasons.reason("sysctl", "net.foo.bar").breaks == "the node is not what the profile says"
    assert reasons.reason("packages", "jq").breaks == "the node lacks jq"
    assert reasons.reason("packages", "conntrack").breaks.startswith("kubeadm before 1.32")


@pytest.mark.parametrize("need", needs.rows(), ids=lambda need: need.why[:40])
def test_what_a_combination_brings_has_a_row(need: needs.Need) -> None:
    """Else nobody can explain what the preset put on the node."""
    assert all(reasons.find("sysctl", key) for key in need.sysctl)
    assert all(reasons.find("modules", name) for name in need.modules)
    packages = {distro.load(known).programs[program] for known in distro.known() for program in need.programs}
    assert all(reasons.find("packages", package) for package in packages)
