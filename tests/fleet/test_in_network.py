"""Values of nodes in the profile's own network: held against what network-config takes at their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import cli, errors, fleet

PROFILE = """\
apiVersion: nodebake/v1
name: worker
vars:
  mode: {{type: text, default: active-backup{more}}}
  vlan: {{type: integer, default: 12}}
  mtu: {{type: integer, default: 1500}}
  route: {{type: address, default: 192.0.2.1}}
network:
  ethernets:
    lan0: {{match: {{macaddress: {{var: mac}}}}, mtu: {{var: mtu}}, routes: [{{to: default, via: {{var: route}}}}]}}
  bonds: {{bond0: {{interfaces: [lan0], parameters: {{mode: {{var: mode}}}}, addresses: {{var: addresses}}}}}}
  vlans: {{storage: {{id: {{var: vlan}}, link: bond0}}}}
"""
NODE = {"hostname": "n1", "mac": "52:54:00:00:00:01", "addresses": "10.0.0.1/24"}


def _asked(folder: Path, more: str = "", **node: Any) -> fleet.Request:
    (folder / "p.yaml").write_text(PROFILE.format(more=more))
    (folder / "n.jsonl").write_text(json.dumps({**NODE, **node}) + "\n")
    return fleet.Request(str(folder / "p.yaml"), str(folder / "n.jsonl"), to="jsonl", output=str(folder / "out"))


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ({"mode": "bogus"}, "mode: cloud-init refuses this: 'bogus' is not one of ['balance-rr', "),
        ({"vlan": 4095}, "vlan: no network card takes this: 4095 is greater than the maximum of 4094"),
        ({"mtu": 67}, "mtu: no network card takes this: 67 is less than the minimum of 68"),
    ],
)
def test_refused(node: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(errors.Refused) as caught:
        fleet.write(_asked(tmp_path, **node))
    assert told in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_taken(tmp_path: Path) -> None:
    fleet.write(_asked(tmp_path, mode="802.3ad", vlan=4094, mtu=68, route="2001:db8::1"))
    said = json.loads((tmp_path / "out").read_text())["network-config"]
    assert all(f"{key}: {value}\n" in said for key, value in {"mode": '"802.3ad"', "id": 4094, "mtu": 68}.items())


def test_a_secret_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(errors.Refused, match="mode: cloud-init refuses this value, which is secret") as caught:
        fleet.write(_asked(tmp_path, ", secret: true", mode="hunter2"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("mode=bogus", "network.bonds.bond0.parameters.mode: cloud-init refuses this: 'bogus' is not one of"),
        ("vlan=-1", "network.vlans.storage.id: no network card takes this: -1 is less than the minimum of 0"),
    ],
)
def test_one_node(given: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _asked(tmp_path).profile
    assert cli.run(["render", path, "--set", given, "-o", str(tmp_path / "o")]) == errors.REFUSED
    assert told in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_each_choice_is_looked_at_before_there_are_nodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _asked(tmp_path, ", one_of: [active-backup, bogus]").profile
    assert cli.run(["check", path]) == errors.REFUSED
    assert (
        "p.yaml:11:58: network.bonds.bond0.parameters.mode: cloud-init refuses this: 'bogus'" in capsys.readouterr().err
    )
    text = Path(path).read_text().replace("default: active-backup, one_of: [active-backup, bogus]", "one_of: [802.3ad]")
    Path(path).write_text(text)
    assert cli.run(["check", path]) == 0


@pytest.mark.parametrize(
    ("cards", "told"),
    [
        ("bonds: {b: {interfaces: [lan0, {var: card}]}}", ""),
        ("bonds: {b: {interfaces: {var: addresses}}}", ""),
        ("vlans: {v: {id: 1, link: {var: card}}}", ""),
        ("vlans: {v: {id: {var: vlan}, link: card}}", "network.vlans.v.link: nothing in network is called 'card'"),
        ("bridges: {b: {mtu: {var: vlan}, interfaces: [nope]}}", "network.bridges.b.interfaces[0]: nothing in network"),
    ],
)
def test_an_interface_that_is_left_to_the_nodes_may_be_any(
    cards: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "apiVersion: nodebake/v1\nname: worker\nmodules: [overlay]\n"
    names = "vars: {card: {type: text, default: eth7}, vlan: {type: integer, default: 68}}\n"
    (tmp_path / "p.yaml").write_text(f"{head}{names}network:\n  ethernets: {{lan0: {{dhcp4: true}}}}\n  {cards}\n")
    assert cli.run(["check", str(tmp_path / "p.yaml")]) == (errors.REFUSED if told else 0)
    assert told in capsys.readouterr().err
