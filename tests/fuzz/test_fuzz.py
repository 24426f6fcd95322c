"""What a fuzzer has kept is tried at every run of the tests; it runs for a hundred inputs more, and can find."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fuzz import inputs
from tests.fuzz.targets import TARGETS

KEPT = [(name, path) for name in ("profile", "nodes") for path in inputs.kept(name)]


@pytest.mark.parametrize(("target", "path"), KEPT, ids=[f"{name}-{path.name}" for name, path in KEPT])
def test_kept(target: str, path: Path) -> None:
    TARGETS[target](path.read_bytes())


def test_the_corpus_is_small() -> None:
    assert len(KEPT) > 20
    assert sum(path.stat().st_size for _, path in KEPT) < 512 << 10


def _fuzz(target: str, runs: int) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "tests.fuzz", target, "--runs", str(runs)]
    return subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False, cwd=ROOT)


@pytest.mark.parametrize("target", ["profile", "nodes"])
def test_a_hundred_more(target: str) -> None:
    runs = len(list(inputs.seeds(target))) + 100
    done = _fuzz(target, runs)
    assert done.returncode == 0, done.stderr[-3000:]
    ran = re.search(r"^Done (\d+) runs", done.stderr, re.M)
    assert ran
    assert int(ran[1]) >= runs


def test_the_fuzzer_finds_a_fault() -> None:
    done = _fuzz("a-fault", 1000)
    assert done.returncode != 0
    assert "AssertionError" in done.stdout + done.stderr
