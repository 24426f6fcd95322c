"""The bytes of user-data, as the real cloud-init takes them apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator import plan as planning
from generator import profile, seed
from generator.formats import bootstrap, observer
from generator.model import Plan
from tests.conftest import ROOT
from tests.oracle import meant, shell
from tests.oracle.process import Oracle, Refused
from tests.settings.test_yields import EVERYTHING

PROFILES = sorted((ROOT / "profiles").glob("*.yaml")) + sorted((ROOT / "tests/inventory").glob("*.yaml"))


def _planned(source: Path) -> Plan:
    return planning.make(profile.load(str(source)))


@pytest.mark.parametrize("source", PROFILES, ids=lambda path: path.stem)
def test_a_profile_arrives(oracle: Oracle, source: Path) -> None:
    plan = _planned(source)
    made = meant.artefacts(plan)
    steps = meant.hold(oracle, plan)
    shell.hold(plan, steps, set(meant.files(plan)))
    assert oracle.validate("cloud-config", made["user-data"].content) == ""
    assert oracle.validate("network-config", made["network-config"].content) == ""
    assert oracle.interfaces(made["network-config"].content) == ["en*", "eth*"]


def test_everything_at_once(oracle: Oracle, planned: Callable[[str], Plan]) -> None:
    plan = planned(EVERYTHING)
    shell.hold(plan, meant.hold(oracle, plan), set(meant.files(plan)))
    script = bootstrap.artefacts(plan)[0].content.decode()
    shell.hold(plan, script, set())


def test_gzip_is_the_same(oracle: Oracle, k8s_node: Plan) -> None:
    document = meant.user_data(k8s_node)
    assert oracle.read(meant.compressed(document)) == oracle.read(document)


def test_the_seed_is_the_same(oracle: Oracle, k8s_node: Plan, tmp_path: Path) -> None:
    made = meant.artefacts(k8s_node)
    path = tmp_path / "seed.iso"
    path.write_bytes(made["seed.iso"].content)
    document = seed.read(path)["user-data"]
    assert oracle.read(document) == oracle.read(made["user-data"].content)


def test_the_first_bytes(k8s_node: Plan) -> None:
    document = meant.user_data(k8s_node)
    assert document.startswith(b"#cloud-config\n#")
    assert b"\r" not in document


# What must be looked at in bytes: a first line of another kind, and what makes of a document an e-mail.
MAIL = "MIME-Version: 1.0\n"
CONTENTS = {
    "jinja": "## template: jinja\n{{ x }} {% x %} ${#arr[@]} {#\n",
    "script": "#!/bin/sh\n",
    "cloud-config": "#cloud-config\nruncmd: [x]\n",
    "archive": "#cloud-config-archive\n- x\n",
    "include": "#include\nhttp://x.example/\n",
    "mail": MAIL,
    "mail of parts": f"Content-Type: multipart/mixed; boundary=x\n{MAIL}\n--x\n\ny\n--x--\n",
    "mail in Latin letters": f"{MAIL}grüße\n",
    "mail in others": f"{MAIL}漢\n",
    "mail in capitals": "mIME-vERSION:\n漢\n",
    "mail after all": "x\n" * 2048 + f"{MAIL}漢\n",
    "no last newline": "x",
    "three last newlines": "x\n\n\n",
    "newlines alone": "\n\n\n",
    "nothing": "",
    "a blank at first": "  x\ny\n",
    "a newline and a blank at first": "\n  x\ny\n",
    "a tab at first": "\tx\n",
    "CRLF": "x\r\ny\r\n",
    "CR": "x\ry\n",
    "NEL": "x\u0085y\n",
    "LS and PS": "x\u2028y\u2029\n",
    "BOM": "\ufeffx\n",
    "no characters": "x\ufffey\uffff\n",
    "NUL": "x\0y\n",
    "DEL": "x\x7fy\n",
    "BEL": "x\ay\n",
    "C1": "x\x80\x9fy\n",
    "beyond the plane": "x\U0001f600\U0010ffffy\n",
    "documents": "---\nx: y\n...\n%YAML 1.2\n---\n",
}


def _with_files(planned: Callable[[str], Plan], *contents: str) -> Plan:
    entries = [{"path": f"/opt/{number}", "content": content} for number, content in enumerate(contents)]
    return planned(yaml.safe_dump({"files": entries}))


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_arrives(oracle: Oracle, planned: Callable[[str], Plan], name: str) -> None:
    plan = _with_files(planned, CONTENTS[name], "grüße 漢\n")
    assert meant.files(plan)["/opt/0"].content == CONTENTS[name].encode()
    steps = meant.hold(oracle, plan)
    shell.hold(plan, steps, set(meant.files(plan)))
    assert oracle.validate("cloud-config", meant.user_data(plan)) == ""


OTHER = "files: [{path: /opt/x, content: '漢'}]\n"
MAILED = {
    "path": "files: [{path: '/opt/Mime-Version:x', content: '漢'}]\n",
    "service": f"{OTHER}services: {{'mime-version:x.service': masked}}\n",
    "owner": "files: [{path: /opt/x, content: '漢', owner: mime-version}]\nusers: [{name: mime-version}]\n",
    "sysctl": f"{OTHER}sysctl: {{kernel.domainname: 'mime-version:'}}\n",
    "key": f"{OTHER}users: [{{name: x, ssh_authorized_keys: ['ssh-rsa AA MIME-Version:']}}]\n",
}


@pytest.mark.parametrize("name", MAILED)
def test_no_field_makes_an_e_mail(oracle: Oracle, planned: Callable[[str], Plan], name: str) -> None:
    plan = planned(MAILED[name])
    assert b"mime-version:" not in meant.user_data(plan).lower()
    shell.hold(plan, meant.hold(oracle, plan), set(meant.files(plan)))


def test_the_observer_arrives(oracle: Oracle, planned: Callable[[str], Plan]) -> None:
    """It is vendor-data, beside user-data; of a profile it has ASCII alone, so that it may look like an e-mail."""
    for settings in (EVERYTHING, MAILED["path"], MAILED["service"]):
        vendor_data = observer.vendor_data(planned(settings))
        assert vendor_data.isascii()
        found = oracle.read(vendor_data)
        assert found.parts == (("text/cloud-boothook", vendor_data),)
        assert found.warnings == ()


WRITE_FILES = "#cloud-config\nwrite_files: [{path: /x, content: '%s'}]\n"


def test_the_oracle_can_say_no(oracle: Oracle, k8s_node: Plan) -> None:
    """What is not so, it does not find: each of these is a way in which user-data is known to be lost."""
    assert oracle.read((WRITE_FILES % "漢").encode()).files["/x"].content == "漢".encode()
    spoiled = oracle.read((WRITE_FILES % "MIME-Version: 漢").encode())
    assert spoiled.files["/x"].content != "MIME-Version: 漢".encode()
    lost = oracle.read((WRITE_FILES % "MIME-Version: ü").encode())
    assert (lost.config, len(lost.warnings)) == ({}, 2)
    for first in ("# cloud-config\n", "\ufeff#cloud-config\n", "\n# x\n#cloud-config\n"):
        found = oracle.read(meant.user_data(k8s_node).replace(b"#cloud-config\n", first.encode(), 1))
        assert found.config == {}
        assert "Unhandled non-multipart" in found.warnings[0]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("#cloud-config\nwrite_files: [{path: /x, permissions: 0644}]\n", "420 is not of type 'string'"),
        ("#cloud-config\nruncmd: 1\n", "runcmd: 1 is not of type 'array'"),
        ("# cloud-config\n", "first line|begin with"),
        ("#cloud-config\na: [\n", "not valid (yaml|YAML)"),
    ],
)
def test_the_schema_can_say_no(oracle: Oracle, document: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        oracle.validate("cloud-config", document.encode())


def test_a_network_can_be_refused(oracle: Oracle) -> None:
    with pytest.raises(Refused):
        oracle.validate("network-config", b"version: 7\nethernets: {}\n")


def test_a_wrong_plan_is_seen(oracle: Oracle, planned: Callable[[str], Plan]) -> None:
    """What `hold` compares differs as soon as one byte does."""
    other = _with_files(planned, "x\n")
    document = meant.user_data(other)
    assert oracle.read(document).files["/opt/0"] == meant.files(other)["/opt/0"]
    assert oracle.read(document.replace(b"    x\n", b"    y\n", 1)).files["/opt/0"] != meant.files(other)["/opt/0"]


@pytest.mark.parametrize(
    "other",
    [
        "id; step 'file /opt/0'",
        "step 'file /opt/0' x",
        "step 'file  /opt/0'",
        "$(step x y) step 'file /opt/0'",
        "finish; step 'file /opt/0'",
        "",
    ],
)
def test_other_calls_are_seen(planned: Callable[[str], Plan], other: str) -> None:
    """A word more, a command more, one less: what `shell.hold` would miss, it would miss in every test."""
    plan = _with_files(planned, "x\n", "y\n")
    steps = yaml.safe_load(meant.user_data(plan))["write_files"][-1]["content"]
    laid = set(meant.files(plan))
    shell.hold(plan, steps, laid)
    assert "step 'file /opt/0'" in steps
    with pytest.raises(AssertionError):
        shell.hold(plan, steps.replace("step 'file /opt/0'", other, 1), laid)
    with pytest.raises(AssertionError):
        shell.hold(plan, f"{steps}if\n", laid)
