"""What is spliced is what would have been planned and rendered for each node by itself; and it reads back as meant."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator import fleet
from generator import plan as planning
from generator import profile as profiles
from generator.formats import cloud_init
from generator.values import KINDS

COMMON = """\
apiVersion: nodebake/v1
name: worker
vars:
  note: {type: text}
  slot: {type: integer, default: 7}
users: [{name: ops}]
modules: [overlay]
files:
  - {path: /etc/first, content: [{var: note}, "\\n  indented\\n"]}
  - {path: /etc/middle, content: ["a 'b' \\"", {var: note}, "\\" $(x)\\n", {var: slot}, ":", {var: hostname}, "\\n"]}
  - {path: /etc/late, content: ["<", {var: note}, ">\\n"], owner: postgres, group: postgres}
packages: [postgresql]
"""
NETWORK = """\
network:
  ethernets:
    lan0: {match: {macaddress: {var: mac}}, set-name: lan0, addresses: {var: addresses}}
  bonds:
    bond0: {interfaces: [lan0], parameters: {mode: active-backup}}
  vlans:
    storage: {id: {var: slot}, link: bond0, addresses: [192.0.2.1/24]}
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"
TEXT = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40).filter(KINDS["text"].fits)
NODE = {"hostname": "n1", "mac": "52:54:00:00:00:01", "addresses": "10.0.0.1/24 fd00::1/64", "note": "x"}


def _run(folder: Path, profile: str, nodes: list[Mapping[str, Any]], to: str = "jsonl") -> bytes:
    (folder / "p.yaml").write_text(profile, encoding="utf-8")
    lines = "".join(json.dumps(node) + "\n" for node in nodes)
    (folder / "n.jsonl").write_text(lines, encoding="utf-8")
    fleet.write(fleet.Request(str(folder / "p.yaml"), str(folder / "n.jsonl"), to=to, output=str(folder / "out")))
    return (folder / "out").read_bytes()


def _one_by_one(folder: Path, node: Mapping[str, str]) -> tuple[dict[str, Any], Any]:
    """The same node without any splicing: its values stand in the profile from the start."""
    read = profiles.read(str(folder / "p.yaml"), {"slot": "7", **node})
    plan = planning.of(read)
    return yaml.safe_load(cloud_init.user_data(plan, {"hostname": node["hostname"]})), plan


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(notes=st.lists(TEXT, min_size=1, max_size=5))
@example(
    notes=["\\", '"', "'", "#", "- a", "a: b", "{{ x }}", "$(id)", "`id`", "é", "😀", "%", "&a", "*a", "!x", "|", ">"]
)
@example(notes=["\\n", '\\"', "\\x", "~", "null", "no", "0644", "END_12345678", "---", "...", "? a", ": b"])
def test_spliced_is_what_is_rendered(notes: list[str], tmp_path: Path) -> None:
    nodes = [{"hostname": f"n{number}", "note": note} for number, note in enumerate(notes)]
    records = [json.loads(line) for line in _run(tmp_path, COMMON, nodes).splitlines()]
    assert [record["hostname"] for record in records] == [node["hostname"] for node in nodes]
    for record, node in zip(records, nodes, strict=True):
        told = yaml.safe_load(record["user-data"])
        assert record["user-data"].startswith("#cloud-config\n")
        expected, _ = _one_by_one(tmp_path, node)
        assert told["write_files"][:-1] == expected["write_files"][:-1]
        assert told["hostname"] == expected["hostname"]
        # Of the script but the tags that end its here-documents, which follow from the file as it was planned.
        steps, wanted = (document["write_files"][-1]["content"].splitlines() for document in (told, expected))
        differ = [pair for pair in zip(steps, wanted, strict=True) if pair[0] != pair[1]]
        assert all("END_" in one and "END_" in other for one, other in differ), differ
        assert sum(node["note"] in line for line in steps) >= 1


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("", "MIME-Version: 1.0", ""),
        ("mime-", "version: 1", ""),
        ("mime-version", ":", ""),
        ("", "mime-version", ": 1"),
        ("mi", "me-ver", "sion: 1"),
        ("mime-version: ", "x", ""),
    ],
)
def test_no_value_makes_an_e_mail_of_it(before: str, value: str, after: str, tmp_path: Path) -> None:
    """With these words near its beginning cloud-init drops user-data that is not ASCII, or reads it otherwise."""
    profile = (
        "apiVersion: nodebake/v1\nname: n\nvars: {note: {type: text}}\nmodules: [overlay]\n"
        f'files: [{{path: /etc/first, content: ["{before}", {{var: note}}, "{after} ü\\n"]}}]\n'
    )
    node = {"hostname": "n1", "note": value, "ssh_authorized_keys": f"{KEY} mime-version: 1"}
    [record] = map(json.loads, _run(tmp_path, profile, [node]).splitlines())
    assert "mime-version:" not in record["user-data"].lower()
    told = yaml.safe_load(record["user-data"])
    assert told["write_files"][0]["content"] == f"{before}{value}{after} ü\n"
    assert told["ssh_authorized_keys"] == [f"{KEY} mime-version: 1"]


def test_network_of_the_profile(tmp_path: Path) -> None:
    [record] = map(json.loads, _run(tmp_path, COMMON + NETWORK, [{**NODE, "slot": 12}]).splitlines())
    assert yaml.safe_load(record["network-config"]) == {
        "version": 2,
        "ethernets": {
            "lan0": {
                "match": {"macaddress": "52:54:00:00:00:01"},
                "set-name": "lan0",
                "addresses": ["10.0.0.1/24", "fd00::1/64"],
            }
        },
        "bonds": {"bond0": {"interfaces": ["lan0"], "parameters": {"mode": "active-backup"}}},
        "vlans": {"storage": {"id": 12, "link": "bond0", "addresses": ["192.0.2.1/24"]}},
    }


def test_network_of_the_list(tmp_path: Path) -> None:
    nodes: list[dict[str, Any]] = [
        {**NODE, "gateways": ["10.0.0.254", "fd00::ff"], "nameservers": ["10.0.0.53"], "search": ["a.example"]},
        {"hostname": "n2", "mac": "52:54:00:00:00:02", "note": "x", "search": ["b.example"]},
        {"hostname": "n3", "note": "x"},
    ]
    told = [yaml.safe_load(json.loads(line)["network-config"]) for line in _run(tmp_path, COMMON, nodes).splitlines()]
    assert told[0]["ethernets"]["lan0"] == {
        "match": {"macaddress": "52:54:00:00:00:01"},
        "set-name": "lan0",
        "dhcp4": False,
        "addresses": ["10.0.0.1/24", "fd00::1/64"],
        "routes": [{"to": "0.0.0.0/0", "via": "10.0.0.254"}, {"to": "::/0", "via": "fd00::ff"}],
        "nameservers": {"addresses": ["10.0.0.53"], "search": ["a.example"]},
    }
    assert told[1]["ethernets"]["lan0"] == {
        "match": {"macaddress": "52:54:00:00:00:02"},
        "set-name": "lan0",
        "dhcp4": True,
        "nameservers": {"search": ["b.example"]},
    }
    assert told[2]["ethernets"]["en*"]["dhcp4"] is True


def test_labels_and_keys(tmp_path: Path) -> None:
    nodes: list[dict[str, Any]] = [
        {"hostname": "n1", "note": "x", "labels": {"role": "worker", "example.com/zone": "a"}},
        {"hostname": "n2", "note": "x", "ssh_authorized_keys": [f"{KEY} a", f'{KEY} "b" \\']},
    ]
    told = [yaml.safe_load(json.loads(line)["user-data"]) for line in _run(tmp_path, COMMON, nodes).splitlines()]
    files = [{file["path"]: file["content"] for file in one["write_files"]} for one in told]
    assert files[0]["/etc/default/kubelet"] == "KUBELET_EXTRA_ARGS=--node-labels=role=worker,example.com/zone=a\n"
    assert files[1]["/etc/default/kubelet"] == "KUBELET_EXTRA_ARGS=--node-labels=\n"
    assert "ssh_authorized_keys" not in told[0]
    assert told[1]["ssh_authorized_keys"] == [f"{KEY} a", f'{KEY} "b" \\']


def test_instance_ids(tmp_path: Path) -> None:
    """Another value is another instance, whose steps run anew; an order of columns is none, and one's own is kept."""

    def ids(profile: str, *nodes: dict[str, Any]) -> list[str]:
        lines = _run(tmp_path, profile, list(nodes)).splitlines()
        return [yaml.safe_load(json.loads(line)["meta-data"])["instance-id"] for line in lines]

    [same] = ids(COMMON, {"hostname": "n1", "note": "x"})
    assert same.startswith("n1-")
    assert ids(COMMON, {"note": "x", "hostname": "n1", "slot": 7}) == [same]
    assert ids(COMMON, {"note": "y", "hostname": "n1"}) != [same]
    assert ids(COMMON.replace("overlay", "br_netfilter"), {"hostname": "n1", "note": "x"}) != [same]
    assert ids(COMMON, {"hostname": "n1", "note": "x", "instance_id": "i-0abc"}) == ["i-0abc"]


def test_an_instance_is_its_own_node_s(tmp_path: Path) -> None:
    """What another node of the list has changes nothing, while it changes no byte of this one's documents."""
    bare = {"hostname": "n1", "note": "x"}
    more = {"mac": "52:54:00:00:00:01", "addresses": ["10.0.0.1/24"], "ssh_authorized_keys": [f"{KEY} a"]}

    def first(*others: dict[str, Any]) -> dict[str, str]:
        nodes = [bare, *({"hostname": f"m{n}", "note": "x", **other} for n, other in enumerate(others))]
        return json.loads(_run(tmp_path, COMMON, nodes).splitlines()[0])

    alone = first()
    assert first(more) == first({**more, "nameservers": ["10.0.0.53"], "gateways": ["10.0.0.254"]}) == alone
    labelled = first({"labels": "a=b"})
    assert labelled["user-data"] != alone["user-data"]
    assert labelled["meta-data"] != alone["meta-data"]


def test_all_forms_say_the_same(tmp_path: Path) -> None:
    nodes: list[Mapping[str, Any]] = [{"hostname": f"n{n}", "note": f'"{n}" ü'} for n in range(3)]
    records = [json.loads(line) for line in _run(tmp_path, COMMON, nodes).splitlines()]
    said = {record.pop("hostname"): record for record in records}
    mapped = json.loads(_run(tmp_path, COMMON, nodes, "terraform"))
    assert {name: {key: text for key, text in one.items() if key != "hostname"} for name, one in mapped.items()} == said
    with tarfile.open(fileobj=io.BytesIO(_run(tmp_path, COMMON, nodes, "tar"))) as archive:
        members = archive.getmembers()
        read = {member.name: archive.extractfile(member).read().decode() for member in members}  # type: ignore[union-attr]
    assert read == {f"{name}/{file}": text for name, one in said.items() for file, text in one.items()}
    assert {member.mode for member in members} == {0o600}


def test_csv_says_the_same_as_json(tmp_path: Path) -> None:
    node = {**NODE, "labels": "a=b,c=d", "ssh_authorized_keys": f"{KEY} a\n{KEY} b", "note": 'x, "y"'}
    rows = io.StringIO()
    writer = csv.DictWriter(rows, list(node))
    writer.writeheader()
    writer.writerow(node)
    (tmp_path / "n.csv").write_text(rows.getvalue(), encoding="utf-8-sig", newline="")  # as Excel saves it
    by_json = _run(tmp_path, COMMON, [node])
    fleet.write(
        fleet.Request(str(tmp_path / "p.yaml"), str(tmp_path / "n.csv"), to="jsonl", output=str(tmp_path / "csv"))
    )
    assert (tmp_path / "csv").read_bytes() == by_json
    (tmp_path / "n.yaml").write_text(yaml.safe_dump([node]))
    fleet.write(
        fleet.Request(str(tmp_path / "p.yaml"), str(tmp_path / "n.yaml"), to="jsonl", output=str(tmp_path / "yaml"))
    )
    assert (tmp_path / "yaml").read_bytes() == by_json


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_is_one(kind: str) -> None:
    assert KINDS[kind].fits(KINDS[kind].sample)
