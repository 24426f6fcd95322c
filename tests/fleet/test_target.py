"""A fleet for a cloud: each node in the form that is taken there, and told of where it does not fit."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from generator import errors, fleet, targets

LARGE = """\
apiVersion: nodebake/v1
name: worker
base: debian-13
vars: {note: {type: text}}
modules: [overlay]
files: [{path: /etc/note, content: [{var: note}, "\\n"]}]
"""


def _limit(folder: Path, to: str, **more: Any) -> fleet.Request:
    """Two nodes for EC2: as it is, and for which it must be compressed."""
    (folder / "large.yaml").write_text(LARGE)
    rows = [{"hostname": "n0", "note": "short"}, {"hostname": "n1", "note": "long " * 200 + "."}]
    (folder / "n.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = {"output": str(folder / "out"), **more}
    return fleet.Request(str(folder / "large.yaml"), str(folder / "n.jsonl"), to=to, **asked)


def _of_12_kib(monkeypatch: pytest.MonkeyPatch, size: int, **more: Any) -> None:
    """EC2, but for the limit: so large that the second node keeps it compressed alone, or not at all."""
    ec2 = targets.load("ec2")
    limit = dataclasses.replace(ec2.limits[0], size=size)
    monkeypatch.setattr(targets, "load", lambda _: dataclasses.replace(ec2, limits=(limit,), room=size, **more))


def test_for_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All in one form: a cloud may have to be told which it is, and nobody wants to tell it node by node."""
    fleet.write(_limit(tmp_path, "tree"))
    plain = {name: (tmp_path / "out" / name / "user-data").read_bytes() for name in ("n0", "n1")}
    _of_12_kib(monkeypatch, len(plain["n0"]) + 100)
    fleet.write(_limit(tmp_path, "tree", target="ec2"))
    handed = {name: (tmp_path / "out" / name / "user-data").read_bytes() for name in ("n0", "n1")}
    assert {name: gzip.decompress(content) for name, content in handed.items()} == plain
    how = "aws ec2 run-instances --user-data fileb://HOSTNAME/user-data"
    assert f"user-data for Amazon EC2, in gzip: {how} (Terraform" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["target"]["name"], manifest["target"]["form"]) == ("ec2", "gzip")
    fleet.write(_limit(tmp_path, "jsonl", target="ec2", output=str(tmp_path / "lines")))
    records = [json.loads(line) for line in (tmp_path / "lines").read_text().splitlines()]
    assert [base64.b64decode(record["user-data-base64"]) for record in records] == list(handed.values())
    assert all("user-data" not in record for record in records)
    assert "fileb://FILE (Terraform has" in (said := capsys.readouterr().err)
    assert "(FILE: user-data-base64, decoded)" in said


def test_a_node_that_fits_by_itself_and_not_as_the_others_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.write(_limit(tmp_path, "tree"))
    sizes = [(tmp_path / "out" / name / "user-data").stat().st_size for name in ("n0", "n1")]
    _of_12_kib(monkeypatch, sizes[0], forms={"plain": "", "gzip": ""})
    grown = targets.forms.compressed
    monkeypatch.setattr(
        targets.forms, "compressed", lambda content: grown(content) + bytes(len(content) == sizes[0]) * sizes[0]
    )
    with pytest.raises(errors.Refused, match=r"n\.jsonl:1:1: user-data does not fit Amazon EC2"):
        fleet.write(_limit(tmp_path, "tree", target="ec2"))
    assert "/run/nodebake/steps.sh" in capsys.readouterr().err  # what takes the space


def test_no_seed_for_another_cloud(tmp_path: Path) -> None:
    with pytest.raises(errors.NodebakeError, match="a seed image is NoCloud's, and CloudStack gives user-data"):
        fleet.write(_limit(tmp_path, "iso", target="cloudstack"))
    assert not (tmp_path / "out").exists()
    assert fleet.write(_limit(tmp_path, "iso", target="nocloud")).count == 2


def test_what_cloud_init_and_the_plan_warn_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = _limit(tmp_path, "tree")
    old = "network: {ethernets: {a: {gateway4: 10.0.0.1}}}\nkubernetes: {version: '1.34', cni: none}\n"
    Path(asked.profile).write_text(f"{LARGE}{old}sysctl: {{net.ipv4.ip_forward: 0}}\n")
    fleet.write(asked)
    said = capsys.readouterr().err
    assert "network-config: ethernets.a.gateway4: warning: " in said
    assert "sysctl.net.ipv4.ip_forward: warning: " in said
    with pytest.raises(errors.NodebakeError, match="'x' is no version"):
        fleet.write(dataclasses.replace(asked, cloud_init="x"))


def test_what_does_not_fit_its_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.write(_limit(tmp_path, "tree"))
    size = (tmp_path / "out" / "n0" / "user-data").stat().st_size
    _of_12_kib(monkeypatch, size + 100, forms={"plain": ""})
    asked = _limit(tmp_path, "jsonl", target="ec2", output=str(tmp_path / "lines"))
    with pytest.raises(errors.Refused, match=rf"n\.jsonl:2:1: user-data does not fit .*: {size + 100} bytes at most"):
        fleet.write(asked)
    assert not (tmp_path / "lines").exists()
    outcome = fleet.write(dataclasses.replace(asked, keep_going=True))
    assert (outcome.count, [finding.line for finding in outcome.findings]) == (1, [2])
