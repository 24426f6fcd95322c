"""The observer in a seed, run here: it tells what it saw, stays, and answers what it is asked by name."""

from __future__ import annotations

import os
import signal
import subprocess
import tty
from collections.abc import Callable
from pathlib import Path

from generator import diagnosis, observation
from generator.formats import observer
from generator.model import Plan


def _hook(plan: Plan, folder: Path, port: str) -> str:
    """With its places here, and a terminal in raw mode in the place of the virtio port, which is as much a wire."""
    (folder / "result.json").write_text("{}")
    text = observer.vendor_data(plan).decode()
    places = {
        "/run/nodebake/": f"{folder}/nodebake/",
        "mkdir -p /run/nodebake\n": f"mkdir -p {folder}/nodebake\n",
        f"/dev/virtio-ports/{observer.PORT}": port,
        "/run/cloud-init/result.json": str(folder / "result.json"),
        "exec systemd-run --quiet --no-block --collect --unit=nodebake-observer sh": "exec sh",
    }
    for there, here in places.items():
        assert there in text
        text = text.replace(there, here)
    return text


def _until(wire: int, end: Callable[[str], bool]) -> list[str]:
    raw = b""
    while not (raw.endswith(b"\n") and end(raw.decode().splitlines()[-1])):
        raw += os.read(wire, 1 << 16)
    return raw.decode().splitlines()


def test_it_stays_and_answers(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    plan = planned("sysctl: {kernel.ostype: Linux}\n")
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    hook = _hook(plan, tmp_path, os.ttyname(theirs))
    process = subprocess.Popen(["sh", "-c", hook], start_new_session=True)
    try:
        seen = observation.read(_until(ours, observation.is_done), observer.commands(plan))
        assert seen is not None
        assert seen.probed
        assert len(seen.observations) == len(observer.commands(plan))
        for _ in range(2):  # as often as one likes
            os.write(ours, b"parameters $(id) other\n")
            told = diagnosis.read(_until(ours, diagnosis.is_done), 1).told
            assert told.keys() == {"parameters"}
            assert b"kernel.ostype = Linux\n" in told["parameters"]
        assert process.poll() is None  # it waits for more
        os.killpg(process.pid, signal.SIGTERM)  # as systemd ends it when the machine is powered off
        assert process.wait(10) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
