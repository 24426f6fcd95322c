"""Real parts: Debian bases that carry swap, the nodebake command, and a guest that runs what it is given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator import base, data, errors, guest, progress, seed
from tests.conftest import ROOT

PROFILES = ROOT / "profiles"
PORT = "/dev/virtio-ports/nodebake"


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished nodebake command."""

    code: int
    out: str
    err: str


# Two side by side end together if what takes longest begins first; of the others the order is theirs.
LONGEST_FIRST = (
    "test_proven",
    "test_golden[",
    "test_bootstrap",
    "test_limited",
    "test_one_setting_removed",
    "test_user_data",
)


@pytest.hookimpl(trylast=True)  # of those that -m has left
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the boots that take longest before the others, and behind the first of all what takes shortest.

    xdist gives each process two from the start: a long one behind the longest would wait while the other process idles.
    """
    places = len(LONGEST_FIRST)
    items.sort(key=lambda item: next((n for n, name in enumerate(LONGEST_FIRST) if item.name.startswith(name)), places))
    if len(items) > places:
        items.insert(1, items.pop())


@pytest.fixture
def nodebake() -> Callable[..., Ran]:
    """Run the command as a user would.

    A guest that did not come up (exit code 4) gets one more try, for TCG itself loses a boot now and then (2 kernels in
    36 found no timer on a busy host). A verdict never gets one.
    """

    def run(*arguments: object) -> Ran:
        argv = [sys.executable, "-m", "generator", *map(str, arguments)]
        for _ in range(2):
            done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
            sys.stderr.write(done.stderr)  # pytest shows it when the test fails
            if done.returncode != errors.GUEST:
                break
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def profile(tmp_path: Path) -> Callable[..., Path]:
    """A shipped profile on another base, less the lines in which one of `without` stands."""

    def write(distro: str, *without: str, name: str = "", shipped: str = "k8s-node") -> Path:
        text = (PROFILES / f"{shipped}.yaml").read_text(encoding="utf-8")
        lines = text.replace("base: debian-13", f"base: {distro}").splitlines()
        kept = [line for line in lines if not any(word in line for word in without)]
        assert len(kept) == len(lines) - len(without)
        path = tmp_path / f"{distro}{''.join(without)}.yaml".replace("/", "_")
        renamed = "\n".join(kept).replace(f"name: {shipped}", f"name: {name or shipped}")
        path.write_text(f"{renamed}\n", encoding="utf-8")
        return path

    return write


def swap_base(distro: str) -> Path:
    """A base with an active swap file in fstab and a GPT swap partition: what a profile must undo."""
    return base.obtain(distro, variant="swap").path


def in_guest(disk: Path, script: str, files: dict[str, bytes], work: Path) -> list[str]:
    """Boot `disk` as it is, run `script` once cloud-init is at its end, and return what it printed."""
    entries = [{"path": path, "content": content.decode(), "permissions": "0755"} for path, content in files.items()]
    told = f"({script}) >{PORT} 2>&1; echo the-end >{PORT}"
    config: dict[str, Any] = {"write_files": entries, "runcmd": [["sh", "-c", told]]}
    medium = work / "driver.iso"
    user_data = b"#cloud-config\n" + json.dumps(config, ensure_ascii=False).encode()
    medium.write_bytes(seed.write({"user-data": user_data, "meta-data": b'{"instance-id": "driver"}'}))
    machine = guest.Machine(disk=disk, seed=medium, cpus=data.guest_cpus(), net="user-restricted")
    with progress.task(f"guest of {disk.name}") as task:
        result = guest.boot(
            machine, work / "driver.console.log", until=lambda line: line == b"the-end", on_stage=task.say
        )
    return [line.decode() for line in result.lines[:-1]]


def failed_settings(report: str) -> list[str]:
    """The settings that a JSON report says have failed, without the comparison of boots."""
    return [setting for setting in json.loads(report)["failed_settings"] if setting != "boots"]
