"""One node, of which the command line says what the list would: the same document, and as strict."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator import errors, fleet
from generator.cli import run
from generator.fleet import alone

PROFILE = """\
apiVersion: nodebake/v1
name: worker
vars:
  rack: {type: text}
  vlan: {type: integer, default: 12}
  zone: {type: text, one_of: [north, south], default: north}
  token: {type: text, secret: true, one_of: [aaaa, bbbb], default: aaaa}
files:
  - {path: /etc/rack, content: [{var: rack}, " ", {var: vlan}, " ", {var: hostname}, " ", {var: addresses}, "\\n"]}
network:
  ethernets:
    lan0: {match: {macaddress: {var: mac}}, addresses: {var: addresses}}
  vlans:
    storage: {id: {var: vlan}, link: lan0, dhcp4: true}
"""
NODE = {
    "hostname": "n7",
    "mac": "52:54:00:00:00:07",
    "addresses": "10.0.0.7/24 fd00::7/64",
    "rack": "r: '1'",
    "vlan": "0",
}


@pytest.fixture
def profile(tmp_path: Path) -> str:
    (tmp_path / "worker.yaml").write_text(PROFILE)
    return str(tmp_path / "worker.yaml")


def test_as_by_a_list(profile: str, tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text(f"{','.join(NODE)}\n{','.join(NODE.values())}\n")
    fleet.write(fleet.Request(profile, str(tmp_path / "nodes.csv"), output=str(tmp_path / "out")))
    asked = [word for name, value in NODE.items() for word in ("--set", f"{name}={value}")]
    assert run(["render", profile, "-o", str(tmp_path / "one"), *asked]) == 0
    listed, alone_ = tmp_path / "out" / "n7", tmp_path / "one" / "worker"
    told, wanted = (yaml.safe_load((folder / "user-data").read_text()) for folder in (alone_, listed))
    assert told["write_files"][:-1] == wanted["write_files"][:-1]
    assert (told["write_files"][0]["path"], told["write_files"][0]["content"]) == (
        "/etc/rack",
        "r: '1' 0 n7 10.0.0.7/24 fd00::7/64\n",
    )
    assert yaml.safe_load((alone_ / "network-config").read_text()) == yaml.safe_load(
        (listed / "network-config").read_text()
    )


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["rack"], "'rack' gives no value to a name\n  write NAME=VALUE"),
        (["rack=a", "rack=b"], "'rack' is set twice\n  keep one of the two"),
        (["rak=a"], "the profile has no name 'rak' that could be set\n  did you mean rack?"),
        (["rack="], "--set rack: "),
        (["vlan=012"], "--set vlan: "),
        (["zone=nort"], "--set zone: "),
        (["hostname=N1"], "--set hostname: "),
        (["addresses=10.0.0.1/24  10.0.0.2/24"], "--set addresses: "),
        (["ssh_authorized_keys=x"], "the profile has no name 'ssh_authorized_keys' that could be set"),
        ([], "the profile leaves addresses, hostname, mac, rack to each node, and here are none"),
    ],
)
def test_refused(profile: str, asked: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for one in asked for word in ("--set", one)]
    assert run(["render", profile, "--only", "user-data", "-o", "-", *words]) == errors.REFUSED
    assert says in capsys.readouterr().err


def test_a_secret_is_not_told(profile: str) -> None:
    with pytest.raises(errors.NodebakeError) as caught:
        alone.load(profile, ["token=hush"])
    assert "hush" not in f"{caught.value.sentence} {caught.value.hint}"


def test_what_is_wrong_with_the_profile_comes_first(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PROFILE.replace("files:", "fils:"))
    with pytest.raises(errors.Refused, match="fils"):
        alone.load(str(tmp_path / "p.yaml"), ["nonsense=1"])
