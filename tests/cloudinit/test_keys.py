"""What a cloud-init knows: the rows that matter, once more and by hand, and nothing of ours is unknown to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from generator import delivery, distro, errors, formats, plan, profile
from generator.cloudinit import keys, versions
from generator.formats import cloud_init
from generator.model import Plan
from tests.conftest import ROOT
from tests.settings.test_yields import EVERYTHING

VERSIONS = ("22.4", "22.4.2", "23.4", "24.4", "25.1", "25.1.4", "26.2")
SHIPPED = sorted((ROOT / "profiles").glob("*.yaml"))
DEPRECATED = "deprecated since cloud-init {}: from 23.4 on `cloud-init status` then ends with exit code 2"


def _found(content: Any, version: str, document: str = "user-data") -> list[str]:
    return [str(finding) for finding in keys.find(document, content, version, "p.yaml")]


# Key, a document with it, the last version that does not know it, the first that does.
SINCE = [
    ("write_files[0].defer", {"write_files": [{"defer": True}]}, "21.3", "21.4"),
    ("write_files[0].source", {"write_files": [{"source": {}}]}, "24.2", "24.3"),
    ("users[1].doas", {"users": ["default", {"doas": []}]}, "23.2", "23.3"),
    ("create_hostname_file", {"create_hostname_file": True}, "23.3", "23.4"),
    ("ubuntu_pro", {"ubuntu_pro": {}}, "23.4", "24.1"),
    ("rpi", {"rpi": {}}, "25.1", "25.2"),
]


@pytest.mark.parametrize(("key", "content", "before", "since"), SINCE, ids=[row[0] for row in SINCE])
def test_not_yet_known(key: str, content: Any, before: str, since: str) -> None:
    said = f"cloud-init knows this since {since}, and this node has {before}"
    assert _found(content, before) == [f"p.yaml: user-data: {key}: {said} (leave it out, or take a newer base)"]
    assert _found(content, since) == []


# Key, a document with it, the last version that does not call it deprecated, the first that does, what to write.
OLD = [
    ("users[0].lock-passwd", {"users": [{"lock-passwd": True}]}, "22.2", "22.3", "lock_passwd"),
    ("chpasswd.list", {"chpasswd": {"list": []}}, "22.1", "22.2", "chpasswd.users"),
    ("users[0].ssh-import-id", {"users": [{"ssh-import-id": []}]}, "24.1", "24.2", "ssh_import_id"),
    ("users[0].ssh-authorized-keys", {"users": [{"ssh-authorized-keys": []}]}, "18.2", "18.3", "ssh_authorized_keys"),
    ("apt_update", {"apt_update": True}, "22.1", "22.2", "package_update"),
    ("ca-certs", {"ca-certs": {}}, "22.2", "22.3", "ca_certs"),
    ("ubuntu_advantage", {"ubuntu_advantage": {}}, "23.4", "24.1", "ubuntu_pro"),
]


@pytest.mark.parametrize(("key", "content", "before", "since", "instead"), OLD, ids=[row[0] for row in OLD])
def test_deprecated(key: str, content: Any, before: str, since: str, instead: str) -> None:
    assert _found(content, before) == []
    said = f"warning: {DEPRECATED.format(since)} (write {instead})"
    assert _found(content, since) == [f"p.yaml: user-data: {key}: {said}"] == _found(content, "26.2")


def test_gateways_of_any_card() -> None:
    content = {"version": 2, "ethernets": {"lan0": {"gateway4": "10.0.0.1"}, "gateway4": {"dhcp4": True}}}
    said = f"warning: {DEPRECATED.format('22.4')} (write routes: [{{to: 0.0.0.0/0, via: ADDRESS}}])"
    assert _found(content, "22.4", "network-config") == [f"p.yaml: network-config: ethernets.lan0.gateway4: {said}"]


def test_unknown_to_all_of_them() -> None:
    told = "no cloud-init from 22.4 to 26.2 knows this"
    assert _found({"hostnam": "a", "write_files": [{"path": "/a", "mode": "0644"}]}, "25.1") == [
        f"p.yaml: user-data: hostnam: {told} (did you mean hostname?)",
        f"p.yaml: user-data: write_files[0].mode: {told} (since 23.4 it makes the schema's check fail)",
    ]
    assert _found({"apt": {"whatever": {"is": "deeper"}}, "runcmd": [["sh", "/a"]]}, "22.4") == []


def test_what_a_fleet_adds_is_known() -> None:
    more = {
        "hostname": "a",
        "fqdn": "a.b",
        "ssh_authorized_keys": ["ssh-ed25519 AAAA"],
        "prefer_fqdn_over_hostname": True,
    }
    assert all(_found(more, version) == [] for version in VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_is_rendered_is_known_and_not_deprecated(version: str, planned: Callable[[str], Plan]) -> None:
    """The documents as a parser reads them, from the shipped profiles and from every setting."""
    plans = [planned(EVERYTHING), *(plan.make(profile.load(str(path))) for path in SHIPPED)]
    assert len(plans) > 3
    for made in plans:
        rendered = {one.path: one.content for one in formats.stems()["cloud_init"].artefacts(made)}
        for document in keys.DOCUMENTS:
            assert _found(yaml.safe_load(rendered[document]), version, document) == []
        assert delivery.findings(made, version) == []


def test_what_is_asked_before_rendering_has_the_keys_of_what_is_rendered(planned: Callable[[str], Plan]) -> None:
    made = planned(EVERYTHING)
    rendered = {one.path: one.content for one in cloud_init.artefacts(made)}
    for document, content in cloud_init.content(made).items():
        assert _all_keys(yaml.safe_load(rendered[document])) == _all_keys(content)


def _all_keys(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _all_keys(value) for key, value in content.items()}
    return [_all_keys(value) for value in content] if isinstance(content, list) else None


def test_each_base_has_a_version_that_is_known() -> None:
    assert {name: distro.cloud_init(name) for name in distro.known()} == {"debian-12": "22.4.2", "debian-13": "25.1.4"}
    assert [versions.checked(distro.cloud_init(name)) for name in distro.known()]


def test_rows_are_whole() -> None:
    for document in keys.DOCUMENTS:
        known = keys.load(document)
        assert all(row.source and (row.since or row.deprecated) for row in known.changed.values())
        assert all(row.instead for row in known.changed.values() if row.deprecated)
        assert not any(key in known.changed for place, names in known.known.items() for key in names if not place)


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("22.3", "cloud-init 22.3 is not known here", "known are 22.4 to 26.2"),
        ("26.3", "cloud-init 26.3 is not known here", "known are 22.4 to 26.2"),
        ("new", "'new' is no version of cloud-init", "write one from 22.4 to 26.2, such as 25.1"),
        ("25", "'25' is no version of cloud-init", "write one from 22.4 to 26.2, such as 25.1"),
    ],
)
def test_a_version_that_is_not_known(text: str, sentence: str, hint: str) -> None:
    with pytest.raises(errors.NodebakeError) as refused:
        versions.checked(text)
    assert (refused.value.sentence, refused.value.hint, refused.value.exit_code) == (sentence, hint, 2)


@pytest.mark.parametrize("text", [*VERSIONS, "24.2.1"])
def test_a_version_that_is_known(text: str) -> None:
    assert versions.checked(text) == text
