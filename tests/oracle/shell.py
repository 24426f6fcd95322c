"""What a real shell takes the calls of a script for: word by word, and each here-document byte by byte."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from generator.formats import _script
from generator.model import Plan

# In the place of the functions that act. Each prints: its name, how many words, the words, and its input in base64.
_STUBS = r"""
set -eu
told() { printf '%s\0' "$@"; }
step() { told step "$#" "$@" ''; }
file_text() { told file_text "$#" "$@" "$(base64 -w0)"; }
file_base64() { told file_base64 "$#" "$@" "$(base64 -d | base64 -w0)"; }
finish() { told finish "$#" ''; exit 0; }
"""


@dataclass(frozen=True, slots=True)
class Call:
    """A command of the script, and what it read."""

    words: tuple[str, ...]
    read: bytes = b""


def calls(plan: Plan, script: str, shell: str) -> list[Call]:
    """The calls of a whole script, whose functions are replaced by ones that print. Its grammar must be sound, too."""
    checked = subprocess.run([shell, "-n"], input=script.encode(), capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
    alone = (_STUBS + _calls_alone(plan, script)).encode()
    done = subprocess.run([shell], input=alone, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return list(_parsed(done.stdout))


def _calls_alone(plan: Plan, script: str) -> str:
    """What stands behind the last function of the last library."""
    libraries = [library for stem in ("lib", *plan.settings) for library in _script._library(stem)]
    before, between, after = script.partition(_script._without_directive(libraries[-1]))
    assert between
    assert before.startswith("#!/bin/sh\n")
    return after


def _parsed(told: bytes) -> Iterator[Call]:
    fields = iter(told.split(b"\0"))
    for name in fields:
        if name:
            count = int(next(fields))
            words = tuple(next(fields).decode() for _ in range(count))
            yield Call((name.decode(), *words), base64.b64decode(next(fields)))


def meant(plan: Plan, laid: set[str]) -> list[Call]:
    """Every file and every step of a plan, as calls, sorted; the files of `laid` somebody else writes."""
    found = [Call(("step", step.name, *step.call)) for step in plan.steps]
    for number, (_, file) in enumerate(plan.files):
        mode = file.mode.lstrip("0") or "0"
        if file.path in laid:
            found.append(Call(_script.laid(number, file).words))
        else:
            found.append(Call(("file", f"file {file.path}", file.path, mode, file.owner, file.group), file.content))
    return sorted(found, key=_key)


def hold(plan: Plan, script: str, laid: set[str], shells: tuple[str, ...] = ("bash", "dash")) -> list[Call]:
    """Each shell finds the calls that were meant, no other ones, and `finish` last. Returns them in their order."""
    found: list[Call] = []
    for shell in shells:
        found = calls(plan, script, shell)
        assert found.pop() == Call(("finish",))
        alike = [Call(("file", *call.words[1:]), call.read) if call.words[0] != "step" else call for call in found]
        assert sorted(alike, key=_key) == meant(plan, laid)
    return found


def _key(call: Call) -> tuple[tuple[str, ...], bytes]:
    return call.words, call.read
