"""What `nodebake fleet` writes, read by the real cloud-init: valid, and each node's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import fleet
from tests.conftest import ROOT
from tests.fleet.test_splicing import KEY
from tests.oracle.process import Oracle

PROFILES = ("k8s-node", "k8s-containerd", "k8s-cilium-dualstack")
MORE = """
vars: {note: {type: text}}
files:
  - {path: /etc/note, content: ["MIME-", {var: note}, ": ü\\n", {var: hostname}, "\\n"]}
"""
NOTES = (
    "version",
    "# no comment",
    "'\"\\$(id)`id`",
    "{{ x }} {% y %} {# z #}",
    "é 漢 😀",
    "- a: &b *c !d |",
    "no",
    "0644",
)


def _node(number: int) -> dict[str, Any]:
    octets = f"{(number + 1) >> 8}.{(number + 1) & 255}"  # the first is the network itself
    return {
        "hostname": f"node-{number}",
        "mac": f"52:54:00:00:{number >> 8:02x}:{number & 255:02x}",
        "addresses": [f"10.1.{octets}/16", f"fd00::{number + 1:x}/64"],
        "gateways": ["10.1.255.254", "fd00::ffff"],
        "nameservers": ["10.1.255.253"],
        "search": ["example.com"],
        "labels": {"example.com/rack": f"r{number}"},
        "ssh_authorized_keys": [f"{KEY} {NOTES[number % 6 % 4]} {number}"],
        "note": f"{NOTES[number % len(NOTES)]} {number}".strip(),
    }


@pytest.fixture
def count(request: pytest.FixtureRequest) -> int:
    """A thousand nodes of each profile for `make oracle`; every day each note once."""
    return 1000 if request.config.getoption("--hypothesis-profile") == "oracle" else len(NOTES)


@pytest.mark.parametrize("shipped", PROFILES)
def test_every_node_is_valid_and_itself(
    shipped: str, count: int, oracle: Oracle, tmp_path: Path, record_property: Any
) -> None:
    profile = tmp_path / f"{shipped}.yaml"
    profile.write_text((ROOT / "profiles" / profile.name).read_text(encoding="utf-8") + MORE, encoding="utf-8")
    nodes = [_node(number) for number in range(count)]
    (tmp_path / "nodes.jsonl").write_text("".join(json.dumps(node) + "\n" for node in nodes), encoding="utf-8")
    asked = fleet.Request(str(profile), str(tmp_path / "nodes.jsonl"), to="jsonl", output=str(tmp_path / "out"))
    assert fleet.write(asked).count == count
    with (tmp_path / "out").open(encoding="utf-8") as lines:
        for node, record in zip(nodes, map(json.loads, lines), strict=True):
            assert oracle.validate("cloud-config", record["user-data"].encode()) == ""
            assert oracle.validate("network-config", record["network-config"].encode()) == ""
            assert oracle.interfaces(record["network-config"].encode()) == ["lan0"]
            seen = oracle.read(record["user-data"].encode())
            assert [kind for kind, _ in seen.parts] == ["text/cloud-config"]
            assert seen.warnings == ()
            assert seen.config["hostname"] == node["hostname"]
            assert seen.config["ssh_authorized_keys"] == node["ssh_authorized_keys"]
            expected = f"MIME-{node['note']}: ü\n{node['hostname']}\n"
            assert seen.files["/etc/note"].content.decode() == expected
            assert node["labels"]["example.com/rack"] in seen.files["/etc/default/kubelet"].content.decode()
    record_property("nodes", count)
