"""/run/nodebake/ready cannot lie: the real script, run by a real sh as root of a /run and an /opt of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator.base import namespace
from generator.formats import cloud_init
from generator.model import Plan

SETTINGS = """files:
  - {path: /opt/early, content: "x\\n"}
  - {path: /opt/late, content: "y\\n", owner: daemon}
"""
# Tells: the exit code of the steps, what is said to be ready, and what they left behind.
ROOM = """
mount -t tmpfs none /run && mount -t tmpfs none /opt && mkdir /run/nodebake || exit 99
umask 022
eval "$2"
sh "$1" >/run/said 2>&1
printf '%s\\n' "$?"
cat /run/nodebake/ready || true
cd /run && ls -d nodebake*
"""
EARLY = "echo x >/opt/early"  # as cloud-init does


def _steps(plan: Plan) -> str:
    user_data = next(made.content for made in cloud_init.artefacts(plan) if made.path == "user-data")
    return str(yaml.safe_load(user_data)["write_files"][-1]["content"])


def _run(script: str, before: str, work: Path) -> list[str]:
    path = work / "steps.sh"
    path.write_text(script, encoding="utf-8")
    argv = [*namespace.prefix(), "unshare", "--mount", "sh", "-c", ROOM, "sh", path, before]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout.splitlines()


def test_ready_is_said_when_all_came_true(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    plan = planned(SETTINGS)
    found = _run(_steps(plan), EARLY, tmp_path)
    assert found == ["0", plan.profile.digest, "nodebake"]
    assert _run(_steps(plan), f"{EARLY}; echo y >/opt/late; chown daemon /opt/late", tmp_path) == found


STALE = "echo stale >/run/nodebake/ready"
WITHOUT = {
    "a file that cloud-init did not write": "",
    "a file with another content": "echo z >/opt/early",
    "a step that fails": f"{EARLY}; mkdir /opt/late",
    "no room": f"{EARLY}; mount -t tmpfs -o size=4k,nr_inodes=1 none /opt; true",
}


@pytest.mark.parametrize("before", WITHOUT.values(), ids=WITHOUT)
def test_nothing_is_ready(planned: Callable[[str], Plan], tmp_path: Path, before: str) -> None:
    """Not even where an earlier run had said so."""
    code, *rest = _run(_steps(planned(SETTINGS)), f"{STALE}; {before or ':'}", tmp_path)
    assert code != "0"
    assert rest == ["nodebake"]


def test_a_script_that_was_cut_off(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    """At any line of its steps: sh itself finds nothing wrong with most of them."""
    script = _steps(planned(SETTINGS))
    head, between, calls = script.partition("\n# files\n")
    lines = calls.splitlines(keepends=True)
    codes = set()
    for end in range(len(lines)):
        code, *rest = _run(head + between + "".join(lines[:end]), f"{STALE}; {EARLY}", tmp_path)
        assert rest == ["nodebake"], lines[end]
        codes.add(code)
    assert "0" in codes
