"""The three roads as machines driven along them: what is done in the first boot, what is told in the second."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from pathlib import Path

from generator import data, guest, render, seed
from generator.formats import cloud_init
from generator.model import Plan
from tests.roads import snapshot
from tests.zoo import told

# cloud-init is at its end, and systemd has nothing left to do.
_QUIET = told.WAIT + render.raw("observer/settled.sh")
_ENDED = told.section("cloud-init", "cloud-init status --long")


@dataclass(frozen=True, slots=True)
class Road:
    """`live` is what is done by hand in the first boot. With `seeded` the seed carries the profile, which others lack.

    `fetches`: in the first boot packages are installed.
    """

    name: str
    disk: Path
    live: str = ""
    seeded: bool = False
    fetches: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """What the first boot told, by section, and the second boot's snapshot as it was printed."""

    first: told.Told
    snapshot: str


async def live(road: Road, plan: Plan, work: Path) -> Life:
    """Two boots, of a machine that has the same metadata on every road."""
    medium = work / f"{road.name}.iso"
    medium.write_bytes(_seed(plan, seeded=road.seeded))
    disk = guest.overlay(road.disk, work / f"{road.name}.qcow2")
    heard = []
    for number, script in enumerate((_QUIET + _ENDED + road.live, _QUIET + _ENDED + _snapshot()), 1):
        net = "user" if road.fetches and number == 1 else "user-restricted"
        machine = guest.Machine(disk=disk, seed=medium, name=road.name, cpus=data.guest_cpus(2), net=net)
        log = work / f"{road.name}-{number}.console.log"
        result = await guest.ask_async(machine, log, script, limits=guest.Limits(cpu=1800), then="powerdown")
        heard.append(told.sections([line.decode("utf-8", "replace") for line in result.lines]))
    first, second = heard
    assert "status: done" in second["cloud-init"], second["cloud-init"]
    return Life(first, gzip.decompress(base64.b64decode("".join(second["snapshot"]))).decode("utf-8", "replace"))


def _seed(plan: Plan, *, seeded: bool) -> bytes:
    """What the cloud gives to a machine of this name; without the profile, user-data that asks for nothing."""
    given = {artefact.path: artefact.content for artefact in cloud_init.artefacts(plan)}
    if seeded:
        return given["seed.iso"]
    return seed.write(
        {
            "user-data": b"#cloud-config\n{}\n",
            "meta-data": given["meta-data"],
            "network-config": given["network-config"],
        }
    )


def _snapshot() -> str:
    """Packed: as it is, it is some megabytes, which take their time on an emulated port."""
    script = base64.encodebytes(snapshot.SCRIPT.read_bytes()).decode()
    lay = f"base64 -d >/run/snapshot.sh <<'END'\n{script}END\n"
    return lay + told.section("snapshot", "sh /run/snapshot.sh | gzip | base64 -w 4096")
