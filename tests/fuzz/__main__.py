"""python -m tests.fuzz TARGET --seconds N [--keep FOLDER]: fuzz a target, or with --minimise shrink what was kept.

What is found lies in the folder named last, and the exit code is not 0.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

import atheris
from atheris import core_with_libfuzzer  # atheris.Mutate itself takes Fuzz() for not yet called (3.0.0)

with atheris.instrument_imports(include=["generator"]):
    from generator import settings
    from tests.fuzz import inputs, mutator, targets

    settings.stems()  # loads them, instrumented
    targets.of_profile(targets.WORKER)

LIMITS = ("-rss_limit_mb=500", "-timeout=20", "-max_len=16384")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--keep", type=Path, help="where new inputs go (default: nowhere)")
    parser.add_argument("--minimise", type=Path, help="write the smallest set of inputs that covers as much, and stop")
    return parser.parse_args()


def _laid(folder: Path, target: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for raw in inputs.seeds("profile" if target == "a-fault" else target):
        (folder / hashlib.sha1(raw, usedforsecurity=False).hexdigest()).write_bytes(raw)
    return folder


def main() -> None:
    asked = _arguments()
    work = Path(tempfile.mkdtemp(prefix="fuzz-"))
    words = work / "words"
    words.write_text(inputs.dictionary(asked.target), encoding="ascii")
    known = _laid(asked.keep or work / "corpus", asked.target)
    argv = [sys.argv[0], *LIMITS, f"-dict={words}", f"-artifact_prefix={work}/", "-print_final_stats=1"]
    if asked.minimise:
        asked.minimise.mkdir(parents=True, exist_ok=True)
        argv += ["-merge=1", str(asked.minimise), str(known)]
    else:
        argv += [f"-max_total_time={asked.seconds}", str(known)]
    print(f"fuzzing {asked.target}; what is found goes to {work}", file=sys.stderr, flush=True)
    change = (
        None if asked.target == "nodes" else mutator.mutator(core_with_libfuzzer.Mutate, list(inputs.seeds("profile")))
    )
    more = {"custom_mutator": change} if change else {}
    atheris.Setup(argv, targets.TARGETS[asked.target], **more)
    atheris.Fuzz()


main()
