"""What templates/modules/look.sh says of a root directory: loaded or not, and the line or the file that is to blame."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import checks, data
from generator.checks import modules as module_state
from generator.model import Expect, Observation

DEP = """\
kernel/fs/overlayfs/overlay.ko:
kernel/net/bridge/br_netfilter.ko: kernel/net/bridge/bridge.ko kernel/net/llc/llc.ko
kernel/net/bridge/bridge.ko: kernel/net/llc/llc.ko
"""
BASE = {
    "proc/modules": "",
    "proc/cmdline": "root=LABEL=root ro quiet\n",
    "lib/modules/KERNEL/modules.dep": DEP,
    "lib/modules/KERNEL/modules.builtin": "kernel/fs/ext4/ext4.ko\nkernel/drivers/char/virtio-rng.ko\n",
    "lib/modules/KERNEL/kernel/fs/overlayfs/overlay.ko": "",
    "lib/modules/KERNEL/kernel/net/bridge/br_netfilter.ko": "",
    "lib/modules/KERNEL/kernel/net/bridge/bridge.ko": "",
    "lib/modules/KERNEL/kernel/net/llc/llc.ko": "",
}
CASES = yaml.safe_load(Path(__file__).with_name("modules.yaml").read_text(encoding="utf-8"))


def look(root: Path, name: str) -> str:
    library = (data.TEMPLATES / "modules" / "functions" / "look.sh").read_text()
    tools = "uname() { echo KERNEL; }; modprobe() { return 1; }\n"
    environment = {**os.environ, "NODEBAKE_ROOT": str(root)}
    argv = ["sh", "-eu", "-c", f'{tools}{library}modules_look "$@"', "sh", name]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_what_a_module_is(case: dict[str, Any], tmp_path: Path) -> None:
    for path, content in {**BASE, **case.get("files", {})}.items():
        if content is not None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
    name = case["module"]
    wanted = module_state.State(case["now"], tuple(case.get("obstacles", ())))
    assert module_state.read(look(tmp_path, name), name) == wanted


def judged(kind: str, out: str) -> tuple[bool, str]:
    expect = Expect("m", "m", kind, ("overlay", "overlay", "zram"), "x", "y")
    return checks.judge(expect, Observation(("sh",), 0, out.encode()))


def test_the_verdict_names_the_cause() -> None:
    out = "overlay is absent\noverlay not: /etc/modprobe.d/cis.conf:1: install overlay /bin/false\nzram is loaded\n"
    assert judged("module-loaded", out) == (False, "not loaded: /etc/modprobe.d/cis.conf:1: install overlay /bin/false")
    assert judged("module-loadable", out) == (False, "/etc/modprobe.d/cis.conf:1: install overlay /bin/false")
    assert judged("module-loaded", "overlay is absent\n") == (False, "not loaded: nothing forbids it, nobody loaded it")
    assert judged("module-loaded", "overlay is built in\n") == (True, "built in")
    assert judged("module-loadable", "overlay is loaded\n") == (True, "nothing forbids it")


def test_silence_is_no_proof() -> None:
    assert not judged("module-loadable", "zram is loaded\n")[0]
    assert not judged("module-loaded", "sh: 1: Syntax error\n")[0]


def test_one_look_for_all() -> None:
    """Two expectations of two modules share a command, which costs the node one process."""
    one = Expect("a", "m", "module-loaded", ("overlay", "overlay", "zram"), "x", "y")
    two = Expect("b", "m", "module-loadable", ("zram", "overlay", "zram"), "x", "y")
    assert checks.command(one) == checks.command(two)
