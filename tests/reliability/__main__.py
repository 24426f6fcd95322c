"""Try all of cases.yaml, and print docs/reliability.md: python -m tests.reliability > docs/reliability.md.

--long takes the cases with real guests, too; --only WORD those in whose name it stands; --most N tries of a kind.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import importlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from generator import __version__
from tests.reliability import outcome, page
from tests.reliability.bench import Bench
from tests.reliability.cases import CASES, Case

_TOOLS = {"strace": "-V", "packer": "version", "qemu-system-x86_64": "--version", "openssl": "version"}


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 where something is not as expected; the page says so, too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--most", type=int, default=1000)
    asked = parser.parse_args(arguments)
    cases = [case for case in CASES if asked.only in case.what and (asked.long or not case.long)]
    with tempfile.TemporaryDirectory(prefix="nodebake-reliability.", dir="/tmp") as folder:
        bench = Bench(Path(folder))
        at_once = [case for case in cases if not case.long]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            tried = list(pool.map(functools.partial(attempt, bench, most=asked.most), at_once))
        tried += [attempt(bench, case, asked.most) for case in cases if case.long]
    wrong = [problem for _, outcomes, problems in tried for problem in problems]
    sys.stdout.write(page.text([(case, outcomes) for case, outcomes, _ in tried], wrong, _facts()))
    return 1 if wrong else 0


def attempt(bench: Bench, case: Case, most: int) -> tuple[Case, list[outcome.Outcome], list[str]]:
    """All tries of a case, evenly chosen where there are more than `most` of a kind, and what is wrong."""
    began = time.monotonic()
    kind = importlib.import_module(f"tests.reliability.{case.kind}")
    outcomes = list(kind.tries(bench, case.how, functools.partial(chosen, most=min(most, case.most))))
    problems = [problem for one in outcomes for problem in outcome.problems(case, one)]
    told = [f"{case.what}: {len(outcomes)} tries in {time.monotonic() - began:.0f} s", *problems]
    sys.stderr.write("".join(f"reliability: {line}\n" for line in told))
    return case, outcomes, problems


def chosen(found: Sequence[Any], most: int) -> Sequence[Any]:
    """The first, the last, and so many in between; if it is one, one in the middle."""
    if len(found) <= most:
        return found
    if most == 1:
        return [found[len(found) // 2]]
    return [found[number * (len(found) - 1) // (most - 1)] for number in range(most)]


def _facts() -> dict[str, str]:
    told = []
    for tool, option in _TOOLS.items():
        said = subprocess.run([tool, option], capture_output=True, text=True, check=False).stdout
        match = re.search(r"\d+\.\d+[\w.]*", said)
        told.append(f"{tool} {match[0] if match else '?'}")
    host = [f"nodebake {__version__}", f"Python {platform.python_version()}", f"Linux {platform.release()}"]
    return {"date": datetime.date.today().isoformat(), "versions": ", ".join([*host, *told])}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
