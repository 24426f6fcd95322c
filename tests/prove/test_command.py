"""`nodebake prove` as it is typed: on disks that are none, that do not boot, and that are interrupted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import HEAD, ROOT
from tests.guest import sectors

PROFILE = ROOT / "profiles/k8s-node.yaml"
ROOT_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
MIB = 1 << 20


def _start(*arguments: object) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "generator", "prove", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=env)


def _run(*arguments: object) -> tuple[int, str, str]:
    process = _start(*arguments)
    out, err = process.communicate()
    return process.returncode, out, err


def _image(path: Path, code: bytes) -> Path:
    """A disk with a root file system to edit, that boots into `code` (at most 440 bytes, before its table)."""
    raw = path.with_suffix(".raw")
    tree = path.with_suffix(".tree")
    (tree / "etc").mkdir(parents=True)
    with raw.open("wb") as file:
        file.truncate(16 * MIB)
    table = f"label: gpt\nstart=1MiB, size=8MiB, type={ROOT_TYPE}\n"
    subprocess.run(["/usr/sbin/sfdisk", "-q", raw], input=table, text=True, check=True)
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", tree, "-E", f"offset={MIB}", raw, "8M"], check=True)
    with raw.open("r+b") as file:
        file.write(code)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, path], check=True)
    return path


@pytest.fixture
def halted(tmp_path: Path) -> Path:
    return _image(tmp_path / "halted.qcow2", sectors.HALT)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.qcow2"], "none.qcow2 is not a file"),
        ([PROFILE, "--jobs", "0"], "--jobs wants at least 1"),
        ([PROFILE, "--only", "swap.*", "modules.overlay.forbiden"], "did you mean modules.overlay.forbidden"),
        ([PROFILE, "--only"], "expected at least one argument"),
        ([PROFILE, "--format", "tap"], "invalid choice: 'tap'"),
    ],
)
def test_refused(arguments: list[object], sentence: str) -> None:
    code, out, err = _run(*arguments, "--profile", PROFILE)
    assert (code, out) == (2, "")
    assert sentence in err


def test_a_profile_without_faults_proves_nothing(halted: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text(HEAD)
    code, out, err = _run(halted, "--profile", tmp_path / "empty.yaml")
    assert (code, out) == (1, "")
    assert "yields no fault, so nothing was proven" in err


def test_no_disk(tmp_path: Path) -> None:
    image = tmp_path / "text.qcow2"
    image.write_text("text")
    code, _, err = _run(image, "--profile", PROFILE)
    assert code == 2
    assert f"refused the image {image}: it is neither qcow2 nor a raw disk with a boot record" in err
    assert [path.name for path in tmp_path.iterdir()] == ["text.qcow2"]


def test_an_image_that_does_not_boot_is_no_proof(tmp_path: Path) -> None:
    image = _image(tmp_path / "node.qcow2", sectors.prints(b"Kernel panic - not syncing: no\r\n"))
    code, out, err = _run(image, "--profile", PROFILE, "--only", "swap.target.unmasked", "--jobs", 1)
    assert (code, out) == (4, "")
    assert "k8s-node: control: the kernel panicked" in err
    assert [path.name for path in (tmp_path / "node.prove").iterdir()] == [".lock"]


def _booting(process: subprocess.Popen[str]) -> Iterator[int]:
    """The QEMUs of a run, as soon as there is one."""
    mine = re.compile(rb"\0guest=k8s-node: (control|swap)")
    while process.poll() is None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                found = mine.search(path.read_bytes()) and _parent(path) == process.pid
            except OSError:
                continue
            if found:
                yield int(path.parent.name)
        time.sleep(0.05)


def _parent(path: Path) -> int:
    return int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(signum: int, code: int, halted: Path) -> None:
    process = _start(halted, "--profile", PROFILE, "--only", "swap.target.unmasked", "--jobs", 1)
    qemu = next(_booting(process))
    process.send_signal(signum)
    _, err = process.communicate()
    assert process.returncode == code, err
    assert not Path(f"/proc/{qemu}").exists()
    assert [path.name for path in halted.with_suffix(".prove").iterdir()] == [".lock"]


def test_a_qemu_that_is_killed_has_killed_no_fault(halted: Path) -> None:
    process = _start(halted, "--profile", PROFILE, "--only", "swap.target.unmasked", "--jobs", 1)
    os.kill(next(_booting(process)), signal.SIGKILL)
    out, err = process.communicate()
    assert (process.returncode, out) == (4, "")
    assert "QEMU was killed by signal 9" in err


def test_another_run_holds_the_lock(halted: Path) -> None:
    process = _start(halted, "--profile", PROFILE, "--only", "swap.target.unmasked", "--jobs", 1)
    next(_booting(process))
    code, _, err = _run(halted, "--profile", PROFILE, "--only", "swap.target.unmasked")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert code == 75
    assert "another nodebake is proving this image" in err


def test_what_is_known_needs_no_boot(halted: Path) -> None:
    """What guests told, laid by hand: everything is red in it, the control too."""
    from generator import plan, prove  # noqa: PLC0415
    from generator.base import cache  # noqa: PLC0415
    from generator.formats import observer  # noqa: PLC0415
    from generator.prove import run, store  # noqa: PLC0415

    made = plan.load(str(PROFILE))
    where = {
        "image": cache.digest(halted),
        "profile": made.profile.digest,
        "observer": prove.asked(made),
    }
    hello = {"hello": "nodebake/v1", "boot_id": "b", "commands": observer.digest(observer.commands(made))}
    with store.opened(halted, where) as kept:
        kept.save(run.CONTROLS["credential"], store.Told((json.dumps(hello),), 1.0, 1.0))
    code, out, err = _run(halted, "--profile", PROFILE, "--only", "swap.target.unmasked")
    assert (code, out) == (1, "")
    assert "is not what the profile says, without any fault" in err
    assert "swap.target: the node sent no observation of it" in err
