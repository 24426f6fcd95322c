"""An image x its plan -> Report: boot the finished file, untouched, let it observe itself, and judge.

The seed carries no settings: one that did would repair the image before anybody looked.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from generator import clones, data, errors, guest, image_checks, judge, observation, progress, seed
from generator.formats import observer
from generator.model import Boot, Expect, Plan, Report, Verdict

Subject = Literal["image", "machine", "clones"]
_EMPTY = {"user-data": b"#cloud-config\n{}\n", "meta-data": b'{"instance-id": "nodebake-verify"}\n'}
_CLOUD_INIT = Expect(
    "boots.cloud-init", "boots", "cloud-init", (), "no errors", "what the user-data asks for was not all done"
)


def verify(
    image: Path, plan: Plan, seed_image: Path | None = None, boots: int = 2, subject: Subject = "image"
) -> Report:
    """Boot `image` `boots` times on one overlay and judge every boot.

    `clones` are two machines side by side. `machine`: it is the disk of one that has run, so nothing is asked of it
    that is asked of an image; nor is it of one that a seed makes into what the profile says, for that was not baked.
    Raises GuestError when a boot does not come to its end, CheckFailed when the image was changed meanwhile.
    """
    if not image.is_file():
        raise errors.no_image(str(image))
    began, watched = time.monotonic(), _with_cloud_init(plan)
    with progress.task(f"verify {image.name}") as task, _untouched(image), tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        was_baked = seed_image is None and subject != "machine"
        of_image = _of_image(image, plan, work, task) if was_baked else ()
        if subject == "clones":
            judged = _clones(image, watched, work, boots, task)
        else:
            machine = _machine(image, watched, work, seed_image)
            judged = judge.boots(watched, _alone(image, machine, watched, boots, task))
    return Report(str(image), plan.profile.name, (*of_image, *judged), time.monotonic() - began)


def _alone(image: Path, machine: guest.Machine, plan: Plan, boots: int, task: progress.Task) -> list[Boot | None]:
    seen = []
    for number in range(1, boots + 1):
        say = functools.partial(_say, task, f"boot {number} of {boots}")
        seen.append(_boot(machine, plan, _log(image, f"boot{number}"), say, last=number == boots))
    return seen


def _clones(image: Path, plan: Plan, work: Path, boots: int, task: progress.Task) -> tuple[Verdict, ...]:
    """What is said of one machine alone is said of the first; of the second, whether it is the same."""
    log = functools.partial(_log, image)
    first, second = clones.boot(clones.Request(image, clones.watched(plan), work, boots, log, task.say))
    return (*judge.boots(plan, first), *clones.judge(plan, first, second))


def judge_lines(lines: Iterable[str], plan: Plan) -> Report:
    """What observe.sh printed on a live node, judged; without --probes it left out the checks that act on the node."""
    began = time.monotonic()
    seen = observation.read(lines, observer.commands(plan))
    return Report("this node", plan.profile.name, judge.boots(plan, [seen], live=True), time.monotonic() - began)


def observer_seed(plan: Plan, seed_image: Path | None) -> bytes:
    """A seed with the observer beside what `seed_image` holds, byte for byte; without one, beside nothing."""
    files = seed.read(seed_image) if seed_image else _EMPTY
    return seed.write({**files, "vendor-data": observer.vendor_data(plan)})


def _of_image(image: Path, plan: Plan, work: Path, task: progress.Task) -> tuple[Verdict, ...]:
    task.say("reading the image")
    return judge.image(plan, image_checks.of_image(image, plan, work))


def _with_cloud_init(plan: Plan) -> Plan:
    """An empty suite stays empty: that cloud-init ended well proves nothing about a profile."""
    return dataclasses.replace(plan, expects=(*plan.expects, _CLOUD_INIT)) if plan.expects else plan


def _machine(image: Path, plan: Plan, work: Path, seed_image: Path | None) -> guest.Machine:
    """The network is closed, but for a seed that has packages to install."""
    medium = work / "seed.iso"
    medium.write_bytes(observer_seed(plan, seed_image))
    return guest.Machine(
        disk=guest.overlay(image, work / "disk.qcow2", room_mib=plan.room_mib),
        seed=medium,
        name=plan.profile.name,
        cpus=data.guest_cpus(),
        net="user" if "packages" in plan.settings and seed_image is not None else "user-restricted",
        port=observer.PORT,
    )


def _say(task: progress.Task, which: str, stage: str) -> None:
    task.say(f"{which}: {stage}")


def _boot(machine: guest.Machine, plan: Plan, log: Path, say: Callable[[str], None], *, last: bool) -> Boot | None:
    """One boot. The last is ended by pulling the plug: nothing that it writes is needed any more."""
    result = guest.boot(
        machine,
        log,
        until=lambda line: observation.is_done(line.decode("utf-8", "replace")),
        on_stage=say,
        then="quit" if last else "powerdown",
    )
    return observation.read((line.decode("utf-8", "replace") for line in result.lines), observer.commands(plan))


def _log(image: Path, which: str) -> Path:
    """Beside the image, where a person looks for it after a failure; in the temporary folder where that is not ours."""
    folder = image.absolute().parent / "logs"
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / f"verify-{which}.console.log"
        probe.touch()
    except OSError:
        return Path(tempfile.gettempdir()) / f"nodebake-{image.stem}-{which}.console.log"
    return probe


@contextmanager
def _untouched(image: Path) -> Iterator[None]:
    """The image's sha256 is the same before and after. The first is taken beside the boot, which only reads it."""
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(_sha256, image)
        yield
        if before.result() != _sha256(image):
            raise errors.image_changed(str(image))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
