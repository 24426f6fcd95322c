"""What tests of this house try already, in-process or with real guests: run by pytest, and told as one row."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.conftest import ROOT
from tests.reliability.bench import NEW, Bench, Choose, Ran
from tests.reliability.outcome import Outcome


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has the tests' names. Each that passed is a try that came out as its test says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider", *how["tests"]],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    passed = re.findall(r"^(\S+::\S.*?) (?:PASSED|FAILED|ERROR)", done.stdout, re.M)
    code = 0 if done.returncode == 0 and passed else 1
    for name in passed or ["no test was run"]:
        yield Outcome(name, Ran(code, "", done.stdout[-2000:] if code else ""), NEW)
