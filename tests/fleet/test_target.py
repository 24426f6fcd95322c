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


def test_for_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.write(_limit(tmp_path, "tree"))
    plain = {name: (tmp_path / "out" / name / "user-data").read_bytes() for name in ("n0", "n1")}
    _of_12_kib(monkeypatch, len(plain["n0"]) + 100)
    fleet.write(_limit(tmp_path, "tree", target="ec2"))
    handed = {name: (tmp_path / "out" / name / "user-data").read_bytes() for name in ("n0", "n1")}
    assert handed["n0"] == plain["n0"]
    assert gzip.decompress(handed["n1"]) == plain["n1"]
    fleet.write(_limit(tmp_path, "jsonl", target="ec2", output=str(tmp_path / "lines")))
    records = [json.loads(line) for line in (tmp_path / "lines").read_text().splitlines()]
    assert [base64.b64decode(record["user-data-base64"]) for record in records] == list(handed.values())
    assert all("user-data" not in record for record in records)


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
