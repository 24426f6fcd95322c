"""Two clones, started together, through their boots side by side; nothing of one is ever told to the other."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generator import data, guest, observation, seed
from generator.checks import cloned, identity
from generator.formats import observer
from generator.forms.reading import Readable
from generator.model import Boot, Observation, Plan

# ssh_deletekeys: cloud-init would otherwise replace the host keys that an image kept, at a first boot, where it runs.
# users: it would make an account of its own, and who else has one would not show so clearly.
_USER_DATA = b"#cloud-config\nssh_deletekeys: false\nusers: []\n"
_MACS = ("52:54:00:6e:62:01", "52:54:00:6e:62:02")


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be booted: `boots` times, in the folder `work`.

    `log` says where the console of a boot goes, by its name; `say` is told each stage.
    """

    image: Readable
    plan: Plan
    work: Path
    boots: int
    log: Callable[[str], Path]
    say: Callable[[str], None]


def boot(request: Request) -> list[list[Boot | None]]:
    """Each clone's boots, with what the DHCP server says of it. Raises ToolError, and GuestError as any boot does."""
    with guest.segment() as segment:
        lives = _Lives(request, segment)
        return guest.run(guest.side_by_side([functools.partial(lives.live, mac) for mac in _MACS], at_once=len(_MACS)))


class _Lives:
    """Of all clones, on one segment."""

    def __init__(self, request: Request, segment: guest.Segment) -> None:
        self._request, self._segment = request, segment
        self._together = asyncio.Barrier(len(_MACS))

    async def live(self, mac: str) -> list[Boot | None]:
        """All boots of one. It goes down when the others have told, too: a lease that it gives back may be theirs."""
        machine, boots, seen = self._machine(mac), self._request.boots, []
        for number in range(1, boots + 1):
            say = functools.partial(self._say, f"{machine.name}, boot {number} of {boots}")
            log = self._request.log(f"{machine.name}-boot{number}")
            async with guest.Guest(machine, log, on_stage=say) as running:
                lines = await running.wait_lines(lambda line: observation.is_done(line.decode("utf-8", "replace")))
                await self._together.wait()
                seen.append(_told(lines, self._request.plan, self._segment.lease(mac)))
                await self._together.wait()
                await (running.quit() if number == boots else running.powerdown())
        return seen

    def _machine(self, mac: str) -> guest.Machine:
        name, image = f"clone{_MACS.index(mac) + 1}", self._request.image
        plan, work = self._request.plan, self._request.work
        medium = work / f"{name}.iso"
        medium.write_bytes(_seed(name, plan))
        return guest.Machine(
            disk=guest.overlay(image.path, work / f"{name}.qcow2", image.driver, plan.room_mib),
            seed=medium,
            name=name,
            cpus=data.guest_cpus(len(_MACS)),
            uuid=str(uuid.uuid4()),
            mac=mac,
            segment=self._segment.socket,
            port=observer.PORT,
        )

    def _say(self, which: str, stage: str) -> None:
        self._request.say(f"{which}: {stage}")


def _seed(name: str, plan: Plan) -> bytes:
    """An instance of its own, as every cloud gives to a machine."""
    meta_data = json.dumps({"instance-id": f"{cloned.OWN}{name.removeprefix('clone')}"}).encode()
    return seed.write({"user-data": _USER_DATA, "meta-data": meta_data, "vendor-data": observer.vendor_data(plan)})


def _told(lines: list[bytes], plan: Plan, lease: guest.Lease | None) -> Boot | None:
    """The boot, with what the host heard on the segment."""
    boot = observation.read((line.decode("utf-8", "replace") for line in lines), observer.commands(plan))
    if boot is None:
        return None
    heard = f"{lease.address} {lease.client}" if lease else ""
    seen = {**boot.observations, identity.LEASE: Observation(identity.LEASE, 0, heard.encode())}
    return dataclasses.replace(boot, observations=seen)
