"""python -m tests.fuzz TARGET --seconds N [--keep FOLDER]: fuzz a target. What is found lies in the folder named first.

python -m tests.fuzz TARGET --add FOLDER: of what was kept there, put into the corpus what covers more than it does.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris
from atheris import core_with_libfuzzer  # atheris.Mutate itself takes Fuzz() for not yet called (3.0.0)

with atheris.instrument_imports(include=["generator"]):
    from generator import settings
    from tests.fuzz import inputs, mutator, targets

    settings.stems()  # loads them, instrumented
    targets.of_profile(targets.WORKER)

LIMITS = ("-rss_limit_mb=500", "-timeout=20", "-max_len=16384")


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    """Ours, and libFuzzer's own, which begin with one dash."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--runs", type=int, default=-1, help="so many inputs, however long they take")
    parser.add_argument("--keep", type=Path, help="where new inputs go (default: nowhere)")
    parser.add_argument("--add", type=Path, help="add to the corpus what was kept here")
    return parser.parse_known_args()


def _laid(folder: Path, target: str) -> Path:
    """The inputs to start from, by their hashes, as libFuzzer names what it keeps."""
    folder.mkdir(parents=True, exist_ok=True)
    for raw in inputs.seeds("profile" if target == "a-fault" else target):
        (folder / hashlib.sha1(raw, usedforsecurity=False).hexdigest()).write_bytes(raw)
    return folder


def _again(target: str, folder: Path) -> Path:
    """A program that is this one: a merge starts it anew for each input that kills it."""
    path = folder / "again"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tests.fuzz {target} "$@"\n', encoding="utf-8")
    path.chmod(0o700)
    return path


def _fuzz(target: str, words: Path, *argv: str) -> None:
    """Does not return: libFuzzer ends the process."""
    more: dict[str, Any] = {}
    if target != "nodes":  # which are of three languages
        more["custom_mutator"] = mutator.mutator(core_with_libfuzzer.Mutate, list(inputs.seeds("profile")))
    options = (*LIMITS, f"-dict={words}", f"-artifact_prefix={words.parent}/", "-print_final_stats=1")
    atheris.Setup([str(_again(target, words.parent)), *options, *argv], targets.TARGETS[target], **more)
    atheris.Fuzz()


def _add(target: str, words: Path, kept: Path) -> None:
    known = _laid(words.with_name("corpus"), target)
    before = set(known.iterdir())
    if (child := os.fork()) == 0:
        _fuzz(target, words, "-merge=1", str(known), str(kept))
    os.waitpid(child, 0)
    for path in set(known.iterdir()) - before:
        shutil.copy(path, inputs.CORPUS / target / path.name[:12])


def main() -> None:
    asked, more = _arguments()
    words = Path(tempfile.mkdtemp(prefix="fuzz-")) / "words"
    words.write_text(inputs.dictionary(asked.target), encoding="ascii")
    print(f"fuzzing {asked.target}; what is found goes to {words.parent}", file=sys.stderr, flush=True)
    if more:
        _fuzz(asked.target, words, *more)
    elif asked.add:
        _add(asked.target, words, asked.add)
    else:
        known = _laid(asked.keep or words.with_name("corpus"), asked.target)
        _fuzz(asked.target, words, f"-max_total_time={asked.seconds}", f"-runs={asked.runs}", str(known))


main()
