"""Two nodes of a fleet, from their seeds, on the stock base: each is itself."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import base, data, guest
from tests.boots.conftest import Ran
from tests.fleet.test_splicing import KEY

pytestmark = [pytest.mark.boots, pytest.mark.long]

PROFILE = """\
apiVersion: nodebake/v1
name: worker
base: {distro}
vars: {{rack: {{type: text}}}}
modules: [overlay]
files:
  - {{path: /etc/rack, content: ["rack ", {{var: rack}}, " of ", {{var: hostname}}, "\\n"]}}
"""
SCRIPT = """\
cloud-init status --wait >/dev/null
cloud-init status
hostname
cat /etc/rack /etc/default/kubelet /var/lib/cloud/data/instance-id
cat /home/*/.ssh/authorized_keys
ip -o -4 address show scope global | sed 's,.*inet ,,; s, .*,,'
ip route show default
"""


def _nodes(path: Path) -> list[dict[str, str]]:
    """A hundred, in the network that QEMU makes."""
    nodes = [
        {
            "hostname": f"node-{number}",
            "instance_id": f"i-{number:04}",
            "mac": f"52:54:00:00:01:{number:02x}",
            "addresses": f"10.0.2.{100 + number}/24",
            "gateways": "10.0.2.2",
            "rack": f"r{number} \"'$(id)\\",
            "labels": f"example.com/rack=r{number}",
            "ssh_authorized_keys": f"{KEY} {number}@laptop",
        }
        for number in range(100)
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(nodes[0]))
        writer.writeheader()
        writer.writerows(nodes)
    return nodes


@pytest.mark.parametrize("distro", ["debian-13", "debian-12"])
def test_a_node_of_a_fleet(distro: str, tmp_path: Path, nodebake: Callable[..., Ran]) -> None:
    profile = tmp_path / "worker.yaml"
    profile.write_text(PROFILE.format(distro=distro))
    node = random.choice(_nodes(tmp_path / "nodes.csv"))
    made = nodebake("fleet", profile, "--nodes", tmp_path / "nodes.csv", "--to", "iso", "-o", tmp_path / "seeds")
    assert made.code == 0
    disk = guest.overlay(base.obtain(distro).path, tmp_path / "disk.qcow2")
    seed_image = tmp_path / "seeds" / f"{node['hostname']}.iso"
    machine = guest.Machine(disk=disk, seed=seed_image, mac=node["mac"], net="user-restricted", cpus=data.guest_cpus())
    lines = guest.ask(machine, tmp_path / "console.log", SCRIPT).lines
    told = [line.decode() for line in lines]
    assert told == [
        "status: done",
        node["hostname"],
        f"rack {node['rack']} of {node['hostname']}",
        f"KUBELET_EXTRA_ARGS=--node-labels={node['labels']}",
        node["instance_id"],
        node["ssh_authorized_keys"],
        node["addresses"],
        told[-1],
    ]
    assert told[-1].startswith(f"default via {node['gateways']} dev lan0")
