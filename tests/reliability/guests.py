"""Commands that run QEMU, with guests of 512 bytes: what is left when they are killed, and hosts without KVM."""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.image.packer import GRACE
from tests.guest import sectors
from tests.reliability.bench import GONE, PATIENCE, Bench, Choose, Place, Ran
from tests.reliability.cases import SUBJECTS
from tests.reliability.outcome import Outcome

_PANICS = sectors.prints(b"\r\nKernel panic - not syncing: x\r\n")
_LIVES = sectors.prints(b"\r\nHELLO\r\n", sectors.SPIN)
_KVM = {
    "absent": "rm -f /dev/kvm",
    "a device that is no KVM": "mount --bind /dev/null /dev/kvm",
}
# /dev of a mount namespace of its own, with what a program needs in it.
_DEV = """
mkdir "$1"; for d in null zero full random urandom tty; do touch "$1/$d"; mount --bind "/dev/$d" "$1/$d"; done
touch "$1/kvm"; mount --rbind "$1" /dev; shift
"""


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has what is run (`verbs`), and either the `signals` that come while its guest runs, or how `kvm` is."""
    for verb in choose(how["verbs"]):
        for name in how.get("signals", ()):
            yield _ended(bench, verb, name)
        for kvm in how.get("kvm", ()):
            yield _without_kvm(bench, verb, kvm)


def _ended(bench: Bench, verb: str, name: str) -> Outcome:
    """The next run, whose guest panics, finds what was left, and removes it."""
    place = bench.fresh(SUBJECTS["build"])
    argv = _argv(bench, place, verb, _LIVES)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(argv, **pipes, env=_env(place), text=True) as process:
        assert process.stderr is not None
        told = _until(process.stderr.readline, "booting" if verb == "build" else "boot loader")
        _until_qemu(place, process)
        process.send_signal(signal.Signals[f"SIG{name}"])
        out, err = process.communicate(timeout=PATIENCE)
        ran = Ran(process.returncode, out, told + err, _running(place))
    left = _left(place)
    again = bench.run(place, _argv(bench, place, verb, _PANICS), env={"NODEBAKE_PACKER": None})
    then = "" if again.code == 4 else again.err
    return Outcome(f"{verb}, SIG{name}", ran, bench.state(place), left, then, _left(place))


def _without_kvm(bench: Bench, verb: str, kvm: str) -> Outcome:
    """A guest is run all the same: it is seen to panic."""
    place = bench.fresh(SUBJECTS["build"])
    script = f'set -e; {_DEV} {_KVM[kvm]}; exec "$@"'
    argv = ["unshare", "--mount", "sh", "-c", script, "sh", str(place.root / "dev")]
    ran = bench.run(place, [*argv, *_argv(bench, place, verb, _PANICS)], env={"NODEBAKE_PACKER": None}, within=GONE)
    return Outcome(f"{verb}, /dev/kvm {kvm}", ran, bench.state(place), _left(place))


def _running(place: Place) -> tuple[str, ...]:
    """QEMU is gone at once. Packer's own helpers follow when Packer, which was told to end, has put away."""
    guests = tuple(line for line in place.running(GONE) if "qemu-system" in line)
    return guests or place.running(GRACE)


def _left(place: Place) -> tuple[str, ...]:
    """Without the disks of these guests, which are in the cache by purpose."""
    return tuple(name for name in place.left() if not re.fullmatch(r"base/pinned-[0-9a-f]+", name))


def _argv(bench: Bench, place: Place, verb: str, code: bytes) -> list[str]:
    profile, image = _image(place, code)
    verbs = {
        "verify": ["verify", str(image), "--machine", "--profile", str(profile)],
        "build": ["build", str(profile), "-o", str(place.out)],
    }
    return [sys.executable, "-m", "generator", *verbs[verb]]


def _image(place: Place, code: bytes) -> tuple[Path, Path]:
    """A disk that boots into `code`, in the folder of inputs; and a profile that is built of it."""
    work = place.root / hashlib.sha256(code).hexdigest()[:8]
    work.mkdir(exist_ok=True)
    image, profile = work / "disk.qcow2", work / "node.yaml"
    raw = sectors.disk(work / "raw", code)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image], check=True)
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    pin = f"base: {{url: '{image.as_uri()}', sha256: {digest}, distro: debian-13}}\n"
    profile.write_text(f"apiVersion: nodebake/v1\nname: node\nmodules: [overlay]\n{pin}")
    return profile, image


def _env(place: Place) -> dict[str, str]:
    return place.whole_env({"NODEBAKE_PACKER": None})


def _until_qemu(place: Place, process: subprocess.Popen[str]) -> None:
    """Packer says that it starts one, and does so a little later."""
    while not any("qemu-system" in line for line in place.running()):
        assert process.poll() is None, "there never was a QEMU"
        time.sleep(0.05)


def _until(line: Callable[[], str], word: str) -> str:
    """What was said up to the line with this word."""
    told = ""
    while word not in told.rpartition("\n")[0].rpartition("\n")[2]:
        said = line()
        if not said:
            return told
        told += said
    return told
