"""A boot for each trial: a copy of the image, its edits, the observer as `prove` has it, and then kubelet."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from generator import errors, guest, offline, progress, render
from generator.formats import observer
from generator.model import Plan
from generator.offline import Disk
from tests.kubernetes.trials import Trial

_LOOKS = Path(__file__).with_name("looks.sh")
# kubeadm and kubelet start some seven times, and a pod that cannot be is waited for in silence.
_LIMITS = guest.Limits(cpu=3600, silence=400, wall=3600)


def script(plan: Plan) -> str:
    """What each boot runs. The observer in a shell of its own: it ends with what it made."""
    settled, observe = render.raw("observer/settled.sh"), observer.script(plan)
    return f"{settled}\necho '== observations'\n(\n{observe})\n{_LOOKS.read_text(encoding='utf-8')}"


def run(image: Path, plan: Plan, trials: Sequence[Trial], work: Path, at_once: int) -> None:
    """Boot each of the trials; what it told is in `told_by`."""
    with progress.task("Kubernetes' own verdict") as task, tempfile.TemporaryDirectory(dir=work) as folder:
        good = offline.copy(image, Path(folder) / "good.raw")

        async def one(trial: Trial) -> None:
            try:
                lines = await _boot(good, plan, trial, work)
            except errors.QemuEnded:
                raise
            except errors.GuestError:  # TCG itself loses a boot now and then; a verdict has no second try
                lines = await _boot(good, plan, trial, work)
            told_by(trial, work).write_text("\n".join(lines) + "\n", encoding="utf-8")
            task.say(f"{trial.name}: told")

        guest.run(guest.side_by_side([partial(one, trial) for trial in trials], at_once))


def told_by(trial: Trial, work: Path) -> Path:
    """Where it is kept."""
    return work / f"{_plain(trial.name)}.txt"


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)


async def _boot(good: Disk, plan: Plan, trial: Trial, work: Path) -> list[str]:
    path, log = good.path.with_name(f"{_plain(trial.name)}.raw"), work / f"{_plain(trial.name)}.console.log"
    try:
        copy = await asyncio.to_thread(offline.again, good, path)
        offline.edit(copy, trial.changes(plan))
        machine = guest.Machine(
            disk=path, disk_format="raw", cpus=1, memory_mib=2048, net="user-restricted", port=observer.PORT
        )
        result = await guest.ask_async(machine, log, script(plan), limits=_LIMITS)
    finally:
        path.unlink(missing_ok=True)
        log.with_suffix(".tmpfiles").unlink(missing_ok=True)
    return [line.decode("utf-8", "replace") for line in result.lines]
