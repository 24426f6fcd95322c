"""Lists of nodes that are refused, with every finding; and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import errors, fleet, schema, variables
from generator.fleet import columns, routes
from generator.model import Profile
from tests.fleet.listed import PROFILE, asked_of, profile_in

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "refused.yaml").read_text(encoding="utf-8"))

CARDS = [
    "10.0.0.1/24", "10.0.0.0/24", "10.0.0.255/24", "10.0.0.255/16", "10.0.0.0/31", "10.0.0.1/31", "10.0.0.0/32",
    "10.0.1.1/23", "127.0.0.1/8", "0.0.0.0/0", "0.1.2.3/8", "224.0.0.1/4", "250.0.0.1/8", "10.0.0.2/24 10.0.1.2/24",
    "fd00::2/64", "10.0.0.3/24 fd00::1/64", "1.2.3.4/0", "fd00::ff/64",
    "10.0.0.2/24 10.0.0.4/24", "ff02::1/64", "::1/128", "10.0.0.5/24 fd01::1/64",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refused(case: dict[str, Any], tmp_path: Path) -> None:
    asked = asked_of(tmp_path, case)
    with pytest.raises(errors.Refused) as caught:
        fleet.write(asked)
    assert [str(finding).removeprefix(f"{asked.nodes}:").strip() for finding in caught.value.findings] == case["says"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([Path(asked.nodes).name, "worker.yaml"])


@pytest.mark.parametrize("keep_going", [False, True])
def test_what_a_network_of_the_profiles_own_does_not_use(keep_going: bool, tmp_path: Path) -> None:
    """Is told once a column, and no node is written without it."""
    profile = tmp_path / "worker.yaml"
    profile.write_text(f"{PROFILE}network: {{ethernets: {{lan0: {{match: {{macaddress: {{var: mac}}}}}}}}}}\n")
    nodes = tmp_path / "nodes.csv"
    nodes.write_text(
        "hostname,mac,addresses,gateways,search,rack\n"
        "n1,52:54:00:00:00:01,,,,a\nn2,52:54:00:00:00:02,10.0.0.2/24,,a.example,a\nn3,52:54:00:00:00:03,10.0.0.3/24,,,a\n"
    )
    with pytest.raises(errors.Refused) as caught:
        fleet.write(fleet.Request(str(profile), str(nodes), output=str(tmp_path / "out"), keep_going=keep_going))
    assert [(finding.line, finding.column, finding.path) for finding in caught.value.findings] == [
        (3, 22, "addresses"),
        (3, 35, "search"),
    ]
    assert caught.value.findings[0].sentence.endswith("a network of its own, which does not use the column addresses")


def test_the_names_of_columns_are_taken() -> None:
    """By the schema no profile declares one of them; those that a profile may name are columns."""
    taken = schema.profile_schema()["properties"]["vars"]["propertyNames"]["not"]["enum"]
    assert set(taken) == {*columns.BUILT_IN, "vars"}
    assert set(variables.COLUMNS) < columns.BUILT_IN


def test_no_utf8_is_told_where_it_stands(tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.csv"
    nodes.write_bytes(b"hostname,rack\nn1,\xfc\n")
    with pytest.raises(errors.Refused, match=r"nodes.csv:2:4: rack: '\\udcfc' is not text"):
        fleet.write(fleet.Request(profile_in(tmp_path), str(nodes), output=str(tmp_path / "out")))


def test_after_fifty_it_is_told_how_many_more(tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.csv"
    nodes.write_text("hostname,rack\n" + "N,a\n" * 60)
    with pytest.raises(errors.Refused) as caught:
        fleet.write(fleet.Request(profile_in(tmp_path), str(nodes), output=str(tmp_path / "out")))
    assert len(caught.value.findings) == 51
    assert caught.value.findings[-1].sentence == "and 10 more"


def test_a_hash_in_common_is_no_value_in_common(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What shares a hash is looked at a second time."""
    monkeypatch.setattr("generator.fleet.unique.hash", lambda _text: 1, raising=False)
    monkeypatch.setattr("generator.fleet.survey.hash", lambda _text: 1, raising=False)
    case = {"form": "csv", "text": "hostname,rack\nn1,a\nn2,a\nn2,b\n"}
    with pytest.raises(errors.Refused) as caught:
        fleet.write(asked_of(tmp_path, case))
    assert [finding.line for finding in caught.value.findings] == [4]


@pytest.mark.parametrize("name", ["nodes.txt", "missing.csv"])
def test_no_list(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.NodebakeError) as caught:
        fleet.write(fleet.Request(profile_in(tmp_path), str(tmp_path / name)))
    assert caught.value.exit_code == errors.REFUSED
    says = {
        "nodes.txt": "none of .csv, .jsonl, .yaml",
        "missing.csv": "cannot be read: No such file or directory",
    }
    assert says[name] in caught.value.sentence


@pytest.mark.parametrize(
    ("to", "names", "says"),
    [
        (
            "tree",
            ["manifest.json", "x" * 63 + ".y" * 94],
            [(2, "hostname", "manifest.json is the file beside the nodes")],
        ),
        ("tar", ["manifest.json"], []),
        (
            "iso",
            ["manifest.json", "x" + ".y" * 126, "x" + ".y" * 125],
            [(3, "hostname", "a file's name has at most 255")],
        ),
    ],
)
def test_names_of_which_no_file_can_be_made(to: str, names: list[str], says: list[Any], tmp_path: Path) -> None:
    text = "hostname,rack\n" + "".join(f"{name},a\n" for name in [*names, "n1"])
    outcome = fleet.write(asked_of(tmp_path, {"form": "csv", "text": text}, to=to, keep_going=True))
    assert outcome.count == len(names) + 1 - len(says)
    assert [
        (one.line, one.path, one.sentence[: len(said[2])]) for one, said in zip(outcome.findings, says, strict=True)
    ] == says


@settings(max_examples=500)
@given(
    addresses=st.lists(st.sampled_from(CARDS), min_size=1, max_size=4),
    gateways=st.sampled_from(
        [
            "",
            "10.0.0.1",
            "10.0.0.0",
            "10.0.1.1",
            "127.0.0.1",
            "0.0.0.0",
            "225.0.0.1",
            "fd00::1",
            "fe80::1",
            "10.0.0.1 fd00::ff",
        ]
    ),
)
def test_a_fast_look_finds_as_much_as_a_close_one(addresses: list[str], gateways: str) -> None:
    close = [one for number, text in enumerate(addresses) for one in routes._of_node(text, gateways) if text]
    assert [one[1:] for one in routes.wrong(addresses, [gateways] * len(addresses), set())] == close


LABELS = [
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "kubelet.kubernetes.io/x",
    "x.kubelet.kubernetes.io/y",
    "node.kubernetes.io/x",
    "x.node.kubernetes.io/y",
    "xkubernetes.io/y",
    "x",
    "x.y/z",
]


@pytest.mark.parametrize("name", LABELS)
def test_labels_that_kubelet_takes(name: str) -> None:
    """IsKubeletLabel of k8s.io/kubelet/pkg/apis."""
    profile = Profile(name="n", source="", digest="", base="", settings={}, marks={})
    assert columns.columns(profile)["labels"].wrong(f"{name}=v") is None


SECRETS = [
    ("csv", "hostname,rack\nn1, hunter2\n", "2:4: rack: this is not text on one line"),
    ("csv", 'hostname,rack\nn1,"hunter2"hunter2\n', "2:1: this is not CSV: "),
    ("csv", 'hostname,rack\nn1,"hunter2\n', "2:1: a quote opens in this node"),
    ("csv", "hostname,rack\nn1,a,hunter2\n", "2:1: 3 cells"),
    ("yaml", "- {hostname: n1, rack: 0755123}", "1:24: [0].rack: unquoted, YAML 1.1 reads this in a way of its own"),
    ("yaml", "- {hostname: n1, rack: 12:34:56}", "1:24: [0].rack: unquoted, YAML 1.1"),
    ("yaml", "- {hostname: n1, rack: no}", "1:24: [0].rack: unquoted, YAML 1.1"),
    ("yaml", "- {hostname: n1, rak: 0755123}", "1:23: [0].rak: unquoted, YAML 1.1"),
    ("yaml", "hostname: n1\nrack: 0755123", "2:7: rack: unquoted, YAML 1.1"),
    ("yaml", "- {hostname: n1, rack: {hunter2}}", "1:24: [0].rack: a mapping or a list cannot stand here"),
    ("yaml", "- {hostname: n1, rack: {hunter2: a, hunter2: b}}", "1:37: [0].rack: a mapping or a list cannot"),
    ("yaml", "- {hostname: n1, rack: {0755123: a}}", "1:25: [0].rack: a mapping or a list cannot stand here"),
    ("yaml", "- {hostname: n1, rack: [a, 0755123]}", "1:24: [0].rack: a mapping or a list cannot stand here"),
    ("yaml", "- {hostname: n1, rack: {hunter2: a}}", "1:24: rack: a mapping cannot stand here"),
    ("yaml", "- {hostname: n1, rack: hunter2, rack: hunter2}", "1:33: [0].rack: this key stands at line 1 already"),
    ("jsonl", '{"hostname": "n1", "rack": {"hunter2": 1, "hunter2": 2}}', "1:1: this is not JSON: a key stands there"),
    ("jsonl", '{"hostname": "n1", "rack": {"hunter2": 1}}', "rack: a mapping cannot stand here"),
    ("jsonl", '{"hostname": "n1", "rack": ["hunter2"]}', "rack: such a list cannot stand here"),
    ("jsonl", '{"hostname": "n1", "rack": 0755123}', "1:29: this is not JSON: Expecting ',' delimiter"),
    ("jsonl", '{"hostname": "n1", "rack": 755123.5}', "rack: a number with a point cannot stand here"),
    ("jsonl", '{"hostname": "n1", "rack": "hunter2 "}', "rack: this is not text on one line"),
]


@pytest.mark.parametrize(("form", "text", "says"), SECRETS)
def test_no_error_repeats_a_secret(form: str, text: str, says: str, tmp_path: Path) -> None:
    profile = tmp_path / "secret.yaml"
    profile.write_text(PROFILE.replace("rack: {type: text}", "rack: {type: text, secret: true}"))
    nodes = tmp_path / f"nodes.{form}"
    nodes.write_text(text)
    with pytest.raises(errors.Refused) as caught:
        fleet.write(fleet.Request(str(profile), str(nodes), output=str(tmp_path / "out")))
    assert says in caught.value.sentence
    for secret in ("hunter2", "755123", "34:56"):
        assert secret not in str(caught.value.findings)
