"""Real guests: a clone whose power is cut in its first boot, and a build of which each provisioner fails in turn."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator import base, data, guest
from tests.reliability.bench import GONE, NEW, Bench, Choose, Place
from tests.reliability.cases import SUBJECTS
from tests.reliability.outcome import Outcome

_PROFILE = """\
apiVersion: nodebake/v1
name: node
base: debian-13
modules: [overlay, br_netfilter]
sysctl: {net.ipv4.ip_forward: 1}
files: [{path: /etc/nodebake-try, content: "there"}]
"""
# Packer's own program, after an edit of its template: nodebake's copy, in the folder in which Packer is started.
_PACKER = r"""#!/bin/sh
[ ! -f packer/build.pkr.hcl ] || sed -i "$EDIT" packer/build.pkr.hcl
exec packer "$@"
"""
_EDITS = {
    "upload": 's|destination = "/run/nodebake"|destination = "/proc/no/such"|',
    "apply": 's|execute_command = "sh {{ .Path }}"|execute_command = "false {{ .Path }}"|',
    "observe": 's|"sh /run/nodebake/upload/observe.sh .*"|"false"|',
    "download": 's|source      = "/run/nodebake/observed"|source      = "/run/nodebake/no-such"|',
    "sysprep": 's|sh {{ .Path }}"$|false {{ .Path }}"|',
    "shutdown": 's|shutdown_command = .*|shutdown_command = "false"|; s|shutdown_timeout = .*|shutdown_timeout = "5s"|',
}


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has the scene, and the seconds or the provisioners of it."""
    if how["scene"] == "power cut":
        for seconds in choose(how["seconds"]):
            yield _cut(bench, seconds)
    else:
        for which in choose(how["which"]):
            yield _failing(bench, which)


def _cut(bench: Bench, seconds: float) -> Outcome:
    """The disk of the first boot, as SIGKILL of QEMU leaves it, is booted again with the same seed, and judged."""
    place = _place(bench)
    profile = _profile(place)
    rendered = bench.run(place, [*_command(), "render", str(profile), "-o", str(place.root / "rendered")])
    assert rendered.code == 0, rendered.err
    seed = place.root / "rendered" / "node" / "seed.iso"
    disk = guest.overlay(base.obtain("debian-13").path, place.root / "clone.qcow2")
    _boot_and_cut(place, disk, seed, seconds)
    checked = subprocess.run(["qemu-img", "check", "-q", str(disk)], check=False).returncode
    argv = [*_command(), "verify", str(disk), "--machine", "--seed", str(seed), "--profile", str(profile)]
    ran = bench.run(place, [*argv, "--boots", "1", "--format", "json"], within=GONE)
    whole = ran.code == 0 and checked in (0, 3) and json.loads(ran.out)["ok"]  # 3: clusters that nobody uses
    after = NEW if whole else f"not whole (qemu-img check: {checked})"
    return Outcome(f"cut after {seconds} s", ran, after, place.left())


def _boot_and_cut(place: Place, disk: Path, seed: Path, seconds: float) -> None:
    machine = guest.Machine(disk=disk, seed=seed, cpus=1, net="user-restricted")

    async def cut() -> None:
        async with guest.Guest(machine, place.root / "cut.log") as running:
            await running.wait_console(re.compile(r"Linux version"))
            await asyncio.sleep(seconds)
            os.kill(running.pid, signal.SIGKILL)

    guest.run(cut())


def _failing(bench: Bench, which: str) -> Outcome:
    place = _place(bench)
    wrapper = place.root / "packer-edited"
    wrapper.write_text(_PACKER)
    wrapper.chmod(0o755)
    argv = [*_command(), "build", str(_profile(place)), "-o", str(place.out)]
    ran = bench.run(place, argv, within=GONE, env={"NODEBAKE_PACKER": str(wrapper), "EDIT": _EDITS[which]})
    published = [found for found in place.target.rglob("*") if found.is_file() and "logs" not in found.parts]
    keys = subprocess.run(["grep", "-rlE", "PRIVATE KEY", str(place.root)], capture_output=True, text=True, check=False)
    after = "nothing" if not published and not keys.stdout else f"{published} {keys.stdout}"
    return Outcome(which, ran, after, tuple(name for name in place.left() if name != "out/node"))


def _place(bench: Bench) -> Place:
    """With this user's own cache, in which the real base is."""
    place = bench.fresh(SUBJECTS["render, the first"])
    (place.root / "cache").rmdir()
    (place.root / "cache").symlink_to(data.cache_dir())
    return place


def _profile(place: Place) -> Path:
    path = place.root / "node.yaml"
    path.write_text(_PROFILE)
    return path


def _command() -> list[str]:
    return [sys.executable, "-m", "generator"]
