"""A build that is stopped half way publishes nothing and leaves nothing running."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import base
from tests.conftest import ROOT
from tests.processes import qemu_with

pytestmark = pytest.mark.boots


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(signum: int, code: int, tmp_path: Path, profile: Callable[..., Path]) -> None:
    base.obtain("debian-13")
    path = profile("debian-13", name=f"stopped{signum}")
    argv = [sys.executable, "-m", "generator", "build", str(path), "-o", str(tmp_path)]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "booting" in line:
                process.send_signal(signum)
                break
        process.stderr.read()
    assert process.returncode == code
    assert not list(tmp_path.rglob("*.qcow2"))
    assert qemu_with(f"stopped{signum}") == []
