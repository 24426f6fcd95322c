"""Boot a machine of the zoo: on, then nodebake's bootstrap.sh, then off, in that boot and in the two that follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator import data, guest, progress
from generator import distro as distros
from generator.guest import Machine
from generator.model import Verdict
from tests.zoo import drive, sources, told
from tests.zoo.sources import Source
from tests.zoo.told import Told

MACHINES = ("zoo", "gpt")
STAGES = ("without", "bootstrap.sh", "reboot", "clone")
_VERSIONS = """systemctl --version | sed -n '1s/^systemd \\([0-9]*\\).*/systemd \\1/p'
uname -r | sed 's/^/Linux /'
dpkg-query -W -f 'cloud-init ${Version}\\n' cloud-init"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`on` has for each source whether it was on at each of STAGES; `verdicts` are nodebake's own, of the last boot."""

    machine: str
    title: str
    versions: tuple[str, ...]
    on: dict[Source, tuple[bool, ...]]
    told: Told
    verdicts: tuple[Verdict, ...]

    @property
    def expected(self) -> dict[Source, bool]:
        """Whether a source can be on in this distribution at all."""
        systemd = int(self.versions[0].split()[1])
        return {source: source.since_systemd <= systemd for source in self.on}

    @property
    def problems(self) -> list[str]:
        """What is not as it must be: each source on without nodebake, no swap at all with it, and green verdicts."""
        off = [
            f"off without nodebake: {source.name}"
            for source, on in self.on.items()
            if self.expected[source] and not on[0]
        ]
        swaps = [f"{stage}: {row}" for stage in STAGES[1:] for row in self.told[stage][1:]]
        red = [f"{verdict.expect.id}: {verdict.found}" for verdict in self.verdicts if verdict.status != "pass"]
        return [f"{self.title}: {problem}" for problem in (*off, *swaps, *red, *told.runs_wrong(self.told))]


def run(machine: str, distro: str, work: Path, *, packaged: bool = True) -> Outcome:
    """Three boots, the last one of a clone, whose cloud-init runs anew. `packaged`: with sources that are packages."""
    found, plan = sources.load(machine, packaged=packaged), told.planned("swap: disabled\n", work)
    disk = guest.overlay(sources.image(machine, distro, found).path, work / f"{machine}.qcow2")
    swaps = {stage: told.WAIT + told.section(stage, "cat /proc/swaps") for stage in STAGES}
    versions = told.section("versions", _VERSIONS)
    scripts = (
        swaps["without"] + versions + told.bootstrapped(plan) + swaps["bootstrap.sh"],
        swaps["reboot"],
        swaps["clone"] + told.observed(plan),
    )
    heard: dict[str, list[str]] = {}
    for number, text in enumerate(scripts):
        heard |= told.sections(_boot(machine, disk, found, number, text, work))
    on = {source: tuple(source.is_on(heard[stage][1:]) for stage in STAGES) for source in found}
    return Outcome(machine, distros.load(distro).title, tuple(heard["versions"]), on, heard, told.verdicts(plan, heard))


def _boot(machine: str, disk: Path, found: tuple[Source, ...], number: int, script: str, work: Path) -> list[str]:
    cloud = machine == "zoo"
    instance = f"zoo-{number // 2}"  # the third boot is of another instance
    seed = drive.write(work / "drive.iso", instance, sources.user_data(found)) if cloud else None
    disks = tuple(sources.swap_disk(work / f"{name}.raw") for name in ("vdb", "vdc")) if cloud else ()
    asked = Machine(
        disk=disk, seed=seed, disks=disks, cpus=data.guest_cpus(), net="user-restricted" if cloud else "none"
    )
    log = work / f"{machine}-{number}.console.log"
    with progress.task(f"{machine}, boot {number + 1} of 3") as task:
        result = guest.ask(asked, log, script, on_stage=task.say, then="powerdown")
    return [line.decode("utf-8", "replace") for line in result.lines]
