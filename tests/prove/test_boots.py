"""How a fault is booted: by which road, on what disk, and how often. Guests that only pretend."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import errors, guest, image_checks, offline
from generator.model import BasePin, Observation, Plan
from generator.offline import Disk
from generator.prove import boots
from generator.prove.boots import Bench, Lost
from generator.prove.store import Told
from tests.conftest import ROOT
from tests.prove.conftest import fault

ASKED = fault("swap.on", "swap.inactive")
LOOK = ("image", "names", "/x")
SEEDED = fault("swap.on", "swap.inactive", cloud_init=True)
TOLD = guest.BootResult((b'{"hello": 1}', b"\xff", b'{"done": 0}'), 1.0, 1.0, "", 0)


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned("swap: disabled\n")


@pytest.fixture
def bench(plan: Plan, tmp_path: Path) -> Bench:
    good, logs = tmp_path / "good.raw", tmp_path / "logs"
    good.write_bytes(b"good")
    logs.mkdir()
    return Bench(plan, Disk(good, 0), tmp_path / "seed.iso", tmp_path, logs, 1)


class Road:
    """Stands in for both roads into a guest."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.booted: list[tuple[str, guest.Machine, bytes]] = []
        self.edited: list[bytes] = []
        self.ends: list[Exception | guest.BootResult] = [TOLD]
        monkeypatch.setattr(guest, "ask_async", self._on("credential"))
        monkeypatch.setattr(guest, "boot_async", self._on("seed"))
        monkeypatch.setattr(offline, "edit", self._edit)
        monkeypatch.setattr(image_checks, "observe", self._read)

    def _read(self, disk: Disk, plan: Plan) -> dict[tuple[str, ...], Observation]:
        return {LOOK: Observation(LOOK, 0, disk.path.read_bytes())}

    def _edit(self, disk: Disk, edits: object) -> None:
        self.edited.append(disk.path.read_bytes())
        disk.path.write_bytes(b"edited")

    def _on(self, road: str) -> Callable[..., object]:
        async def come(machine: guest.Machine, log: Path, *_: object, **__: object) -> guest.BootResult:
            self.booted.append((road, machine, machine.disk.read_bytes()))
            end = self.ends.pop(0)
            if isinstance(end, Exception):
                raise end
            return end

        return come


@pytest.fixture
def road(monkeypatch: pytest.MonkeyPatch) -> Road:
    return Road(monkeypatch)


def test_a_copy_is_edited_booted_and_removed(bench: Bench, road: Road) -> None:
    told = asyncio.run(boots.watch(bench, ASKED))
    assert isinstance(told, Told)
    assert told.lines[:3] == ('{"hello": 1}', "\ufffd", '{"done": 0}')
    assert image_checks.read(told.lines)[LOOK].out == b"edited"  # before a guest ran it
    assert (road.edited, road.booted[0][2]) == ([b"good"], b"edited")
    assert bench.good.path.read_bytes() == b"good"
    assert not list(bench.folder.glob("swap*"))


def test_one_more_try_on_a_disk_that_is_made_anew(bench: Bench, road: Road) -> None:
    road.ends = [errors.GuestError("no timer"), TOLD]
    assert isinstance(asyncio.run(boots.watch(bench, ASKED)), Told)
    assert road.edited == [b"good", b"good"]


def test_an_observer_that_breaks_off_has_not_observed(bench: Bench, road: Road) -> None:
    road.ends = [dataclasses.replace(TOLD, lines=TOLD.lines[:2])] * 2
    told = asyncio.run(boots.watch(bench, ASKED))
    assert isinstance(told, Lost)
    assert told.sentence.startswith("node: swap.on: the observer began and did not come to its end")


def test_lost_after_two(bench: Bench, road: Road) -> None:
    road.ends = [errors.GuestError("first"), errors.GuestError("second")]
    told = asyncio.run(boots.watch(bench, ASKED))
    assert isinstance(told, Lost)
    assert told.sentence == "second"
    assert not list(bench.folder.glob("swap*"))


@pytest.mark.parametrize("gone", [errors.QemuEnded("killed"), errors.ToolError("debugfs"), OSError(28, "full")])
def test_what_says_nothing_of_the_guest_is_raised_at_once(gone: Exception, bench: Bench, road: Road) -> None:
    road.ends = [gone, TOLD]
    with pytest.raises(type(gone)):
        asyncio.run(boots.watch(bench, ASKED))
    assert len(road.booted) == 1
    assert not list(bench.folder.glob("swap*"))


def test_the_road(bench: Bench, road: Road, plan: Plan) -> None:
    pinned = dataclasses.replace(plan.profile, base=BasePin("https://x", "ab" * 32, "debian-13"))
    rows = [
        (plan, ASKED, "credential"),
        (plan, SEEDED, "seed"),
        (dataclasses.replace(plan, profile=pinned), ASKED, "seed"),  # it may be older than credentials
        (dataclasses.replace(plan, room_mib=64), ASKED, "seed"),  # cloud-init grows the file system
    ]
    for this, one, way in rows:
        road.ends = [TOLD]
        asyncio.run(boots.watch(dataclasses.replace(bench, plan=this), one))
        taken, machine, disk = road.booted[-1]
        assert (taken, boots.road(this, one)) == (way, way)
        assert machine.seed == (bench.seed if way == "seed" else None)
        assert len(disk) == len(b"edited") + (this.room_mib << 20)


def test_what_only_the_image_tells_of_is_not_booted(bench: Bench, road: Road, plan: Plan) -> None:
    kept = fault("hygiene.logs.kept", "hygiene.logs", "hygiene.tmp")
    told = asyncio.run(boots.watch(bench, kept))
    assert isinstance(told, Told)
    assert (road.edited, road.booted) == ([b"good"], [])
    assert image_checks.read(told.lines)[LOOK].out == b"edited"
    assert len(told.lines) == 1
    assert told.cpu_seconds == 0.0
    assert not list(bench.folder.glob("hygiene*"))
    for red in (("hygiene.logs", "swap.inactive"), ()):  # a control predicts nothing, and is booted
        assert not boots.only_read(plan, fault("x", *red))


def test_the_script_waits_and_asks_for_the_probes(plan: Plan) -> None:
    text = boots.script(plan)
    assert text.index("list-jobs") < text.index("set -- --probes") < text.index("case ${1-} in")


_SYSTEMCTL = """#!/bin/sh
cat "$0.jobs"; sed -i 1d "$0.jobs"; echo "  7 nodebake-agent.service start running"
"""


def test_settled_waits_for_all_jobs_but_its_own(tmp_path: Path) -> None:
    """On a systemctl that has one job less each time it is asked."""
    program, jobs = tmp_path / "systemctl", tmp_path / "systemctl.jobs"
    program.write_text(_SYSTEMCTL)
    program.chmod(0o755)
    jobs.write_text("  1 a.service start running\n  2 my-nodebake-agent.service.x start waiting\n")
    sh = shutil.which("sh")
    assert sh
    script = (ROOT / "templates/observer/settled.sh").read_text() + 'echo "$1"\n'
    done = subprocess.run(
        [sh, "-c", script], capture_output=True, text=True, check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}
    )
    assert (done.stdout, jobs.read_text()) == ("--probes\n", "")


@pytest.mark.parametrize(
    ("cores", "available_mib", "jobs"), [(2, 20000, 2), (2, 4000, 1), (8, 6000, 2), (1, 20000, 1), (4, 100, 1)]
)
def test_as_many_as_there_is_room_for(
    cores: int, available_mib: int, jobs: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 99999999 kB\nMemAvailable:  {available_mib << 10} kB\n")
    monkeypatch.setattr(boots.os, "sched_getaffinity", lambda _: set(range(cores)))
    assert boots.jobs(meminfo) == jobs
