"""An image x its plan -> Report: boot the finished file, untouched, let it observe itself, and judge.

The seed carries no settings: one that did would repair the image before anybody looked.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generator import (
    bundle,
    clones,
    data,
    diagnosis,
    errors,
    guest,
    image_checks,
    judge,
    observation,
    progress,
    provenance,
    scratch,
    seed,
    watch,
)
from generator.diagnosis import causes
from generator.evidence import Tested
from generator.formats import observer
from generator.forms import look
from generator.forms.reading import Readable, readable
from generator.model import Boot, Expect, Plan, Report, Verdict
from generator.watch import Watched

Subject = Literal["image", "machine", "clones"]
_LIMITS = guest.Limits()
_EMPTY = {"user-data": b"#cloud-config\n{}\n", "meta-data": b'{"instance-id": "nodebake-verify"}\n'}
_CLOUD_INIT = Expect(
    "boots.cloud-init", "boots", "cloud-init", (), "no errors", "what the user-data asks for was not all done"
)


def verify(  # noqa: PLR0913 - all but two have a good default
    image: Path,
    plan: Plan,
    seed_image: Path | None = None,
    boots: int = 2,
    limits: guest.Limits = _LIMITS,
    *,
    chart: bool = False,
    subject: Subject = "image",
) -> Report:
    """Boot `image` `boots` times on one overlay and judge every boot, each within `limits`.

    `clones` are two machines side by side. `machine`: it is the disk of one that has run, so nothing is asked of it
    that is asked of an image; nor is it of one that a seed makes into what the profile says, for that was not baked.
    `chart` is whether the last boot tells its times even if all is well.
    Where something is red, the guest is asked for more, and all that it told is kept: `bundle` of the report says
    where. Raises GuestError when a boot does not come to its end, CheckFailed when the image was changed meanwhile.
    """
    if not image.is_file():
        raise errors.no_image(str(image))
    was_baked = seed_image is None and subject != "machine"
    if was_baked:  # the disk of a machine may well be an overlay
        look.golden(image)
    began, run = Began(), _Run(image, _with_cloud_init(plan), boots, limits, chart)
    with bundle.of_failure(image, run.seen), progress.task(f"verify {image.name}") as task, _untouched(image) as digest:
        with scratch.folder(scratch.usual(), "nodebake-verify.") as work:
            disk = readable(image, work)
            of_image = _of_image(disk, plan, work, task) if was_baked else ()
            of_clones = run.clones(disk, work, task) if subject == "clones" else ()
            if subject != "clones":
                run.alone(_machine(disk, work, run.plan, seed_image), task)
        sha256 = digest()
    return _report(run, of_image, of_clones, provenance.of(image, sha256, plan, began.when), began.seconds)


@dataclass(frozen=True, slots=True)
class _Run:
    """The boots that were asked for, and, in `seen`, what came of them so far."""

    image: Path
    plan: Plan
    boots: int
    limits: guest.Limits
    chart: bool
    seen: list[Watched] = field(default_factory=list)

    def alone(self, machine: guest.Machine, task: progress.Task) -> None:
        for number in range(1, self.boots + 1):
            last, say = number == self.boots, functools.partial(_say, task, f"boot {number} of {self.boots}")
            self.seen.append(Watched(number, _log(self.image, f"boot{number}")))
            ask = functools.partial(_ask, self.plan, self.seen, last=last, chart=self.chart)
            watch.boot(machine, self.seen[-1], self.plan, ask, say, limits=self.limits, last=last)

    def clones(self, disk: Readable, work: Path, task: progress.Task) -> tuple[Verdict, ...]:
        """What is said of one machine alone is said of the first; of the second, whether it is the same."""
        log = functools.partial(_log, self.image)
        asked = clones.Request(disk, clones.watched(self.plan), work, self.boots, log, task.say)
        first, second = clones.boot(asked)
        self.seen.extend(Watched(number, log(f"clone1-boot{number}"), boot=one) for number, one in enumerate(first, 1))
        return clones.judge(self.plan, first, second)


class Began:
    """When this began: `when` in seconds since 1970, and how many seconds ago, by a clock that nobody sets."""

    def __init__(self) -> None:
        self.when, self._clock = time.time(), time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._clock


def _ask(plan: Plan, seen: Sequence[Watched], boot: Boot | None, *, last: bool, chart: bool) -> Sequence[str]:
    """All of the diagnosis where this boot, or in the end any of them beside another, has something red."""
    told = [*(one.boot for one in seen[:-1]), boot] if last else [boot]
    if any(verdict.red for verdict in judge.boots(plan, told)):
        return diagnosis.ALL
    return diagnosis.CHART if last and chart else ()


def _report(
    run: _Run, of_image: Sequence[Verdict], of_clones: Sequence[Verdict], tested: Tested, seconds: float
) -> Report:
    boots, told = [one.boot for one in run.seen], tuple(one.diagnosis for one in run.seen if one.diagnosis.told)
    verdicts = causes.explained((*of_image, *judge.boots(run.plan, boots), *of_clones), boots, told)
    made = Report(str(run.image), run.plan.profile.name, verdicts, seconds, tested, told)
    return made if made.ok else bundle.of_report(run.image, made, run.seen)


def judge_lines(lines: Iterable[str], plan: Plan) -> Report:
    """What observe.sh printed on a live node, judged; without --probes it left out the checks that act on the node."""
    began = time.monotonic()
    seen = observation.read(lines, observer.commands(plan))
    verdicts = causes.explained(judge.boots(plan, [seen], live=True), [seen])
    return Report("this node", plan.profile.name, verdicts, time.monotonic() - began)


def observer_seed(plan: Plan, seed_image: Path | None) -> bytes:
    """A seed with the observer beside what `seed_image` holds, byte for byte; without one, beside nothing."""
    files = seed.read(seed_image) if seed_image else _EMPTY
    return seed.write({**files, "vendor-data": observer.vendor_data(plan)})


def _of_image(disk: Readable, plan: Plan, work: Path, task: progress.Task) -> tuple[Verdict, ...]:
    task.say("reading the image")
    with ThreadPoolExecutor(1) as beside:  # where KVM does not run guests, to see that takes 2 s
        beside.submit(guest.probe)
        return judge.image(plan, image_checks.of_image(disk, plan, work))


def _with_cloud_init(plan: Plan) -> Plan:
    """An empty suite stays empty: that cloud-init ended well proves nothing about a profile."""
    return dataclasses.replace(plan, expects=(*plan.expects, _CLOUD_INIT)) if plan.expects else plan


def _machine(disk: Readable, work: Path, plan: Plan, seed_image: Path | None) -> guest.Machine:
    """On an overlay. The network is closed, but for a seed that has packages to install."""
    medium = work / "seed.iso"
    medium.write_bytes(observer_seed(plan, seed_image))
    return guest.Machine(
        disk=guest.overlay(disk.path, work / "disk.qcow2", disk.driver, plan.room_mib),
        seed=medium,
        name=plan.profile.name,
        cpus=data.guest_cpus(),
        net="user" if "packages" in plan.settings and seed_image is not None else "user-restricted",
        port=observer.PORT,
    )


def _say(task: progress.Task, which: str, stage: str) -> None:
    task.say(f"{which}: {stage}")


def _log(image: Path, which: str) -> Path:
    """Beside the image, where a person looks for it after a failure; in the temporary folder where that is not ours."""
    folder = image.absolute().parent / "logs"
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / f"verify-{which}.console.log"
        probe.touch()
    except OSError:
        return scratch.usual() / f"nodebake-{image.stem}-{which}.console.log"
    return probe


@contextmanager
def _untouched(image: Path) -> Iterator[Callable[[], str]]:
    """The image's sha256, the same before and after. The first is taken beside the boot, which only reads it."""
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(_sha256, image)
        yield before.result
        if before.result() != _sha256(image):
            raise errors.image_changed(str(image))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
