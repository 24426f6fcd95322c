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

from generator import data, errors, guest, judge, observation, progress, seed
from generator.formats import observer
from generator.model import Boot, Expect, Plan, Report

_EMPTY = {"user-data": b"#cloud-config\n{}\n", "meta-data": b'{"instance-id": "nodebake-verify"}\n'}
_CLOUD_INIT = Expect(
    "boots.cloud-init", "boots", "cloud-init", (), "no errors", "what the user-data asks for was not all done"
)


def verify(image: Path, plan: Plan, seed_image: Path | None = None, boots: int = 2) -> Report:
    """Boot `image` `boots` times on one overlay and judge every boot.

    Raises GuestError when a boot does not come to its end, CheckFailed when the image was changed meanwhile.
    """
    if not image.is_file():
        raise errors.no_image(str(image))
    began, watched = time.monotonic(), _with_cloud_init(plan)
    with progress.task(f"verify {image.name}") as task, _untouched(image), tempfile.TemporaryDirectory() as work:
        medium = Path(work) / "seed.iso"
        medium.write_bytes(observer_seed(watched, seed_image))
        disk = guest.overlay(image, Path(work) / "disk.qcow2", room_mib=plan.room_mib)
        machine = _machine(disk, medium, plan, own_seed=seed_image is None)
        seen = []
        for number in range(1, boots + 1):
            say = functools.partial(_say, task, f"boot {number} of {boots}")
            seen.append(_boot(machine, watched, _log(image, number), say, last=number == boots))
    return Report(str(image), plan.profile.name, judge.boots(watched, seen), time.monotonic() - began)


def judge_lines(lines: Iterable[str], plan: Plan) -> Report:
    """What observe.sh printed on a live node, judged; without --probes it left out the checks that act on the node."""
    began = time.monotonic()
    seen = observation.read(lines, observer.commands(plan))
    return Report("this node", plan.profile.name, judge.boots(plan, [seen], live=True), time.monotonic() - began)


def observer_seed(plan: Plan, seed_image: Path | None) -> bytes:
    """A seed with the observer beside what `seed_image` holds, byte for byte; without one, beside nothing."""
    files = seed.read(seed_image) if seed_image else _EMPTY
    return seed.write({**files, "vendor-data": observer.vendor_data(plan)})


def _with_cloud_init(plan: Plan) -> Plan:
    """An empty suite stays empty: that cloud-init ended well proves nothing about a profile."""
    return dataclasses.replace(plan, expects=(*plan.expects, _CLOUD_INIT)) if plan.expects else plan


def _machine(disk: Path, medium: Path, plan: Plan, *, own_seed: bool) -> guest.Machine:
    """The network is closed, but for a seed that has packages to install."""
    return guest.Machine(
        disk=disk,
        seed=medium,
        name=plan.profile.name,
        cpus=data.guest_cpus(),
        net="user" if "packages" in plan.settings and not own_seed else "user-restricted",
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


def _log(image: Path, number: int) -> Path:
    """Beside the image, where a person looks for it after a failure; in the temporary folder where that is not ours."""
    folder = image.absolute().parent / "logs"
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / f"verify-boot{number}.console.log"
        probe.touch()
    except OSError:
        return Path(tempfile.gettempdir()) / f"nodebake-{image.stem}-boot{number}.console.log"
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
