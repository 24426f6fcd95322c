"""strace(1), by which one system call of nodebake fails, or a signal comes at it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.reliability.bench import GONE, Bench, Choose
from tests.reliability.cases import SUBJECTS, Subject
from tests.reliability.outcome import Outcome, seen

_CALL = re.compile(r"^(\w+)\(")
# All by which nodebake's own process changes a file, or gets a descriptor of one.
ALL = (
    *("openat", "mkdir", "mkdirat", "write", "pwrite64", "ftruncate", "fchmod", "chmod", "fchmodat", "fsync", "sync"),
    *("link", "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "flock"),
)
_CREATES = "creat"  # is here what openat does where it makes a file
Step = tuple[str, int, str]  # a call, which one of them it is in the whole process, and what else it is called here


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has subjects, what to inject at each of the `calls` (all, if none is named), and what `also`."""
    for name in how["subjects"]:
        subject = SUBJECTS[name]
        known = steps(bench, subject)
        for call in how.get("calls", ALL):
            for step in choose([step for step in known if call in step]):
                yield _one(bench, subject, step, how)


def steps(bench: Bench, subject: Subject) -> list[Step]:
    """The calls that have to do with what is published, from the line of strace's on that the subject names."""
    place = bench.fresh(subject)
    log = place.root / "strace.log"
    argv = ["strace", "-y", "-s", "0", "-e", f"trace={','.join(ALL)}", "-o", str(log)]
    ran = bench.run(place, [*argv, *bench.argv(place, "new")])
    assert ran.code == 0, ran.err
    found = _ours(log.read_text(errors="replace").splitlines(), subject.begins, str(place.out))
    assert found, f"no call of {subject.name} has to do with {subject.begins}"
    return found


def _ours(lines: Sequence[str], begins: str, out: str) -> list[Step]:
    found, counted, begun = [], Counter[str](), False
    for line in lines:
        if match := _CALL.match(line):
            counted[match[1]] += 1
            begun = begun or re.search(begins, line) is not None
            if begun and (out in line or match[1] == "sync") and " = -1 " not in line:
                found.append((match[1], counted[match[1]], _CREATES if "O_CREAT" in line else ""))
    return found


def _one(bench: Bench, subject: Subject, step: Step, how: Mapping[str, Any]) -> Outcome:
    """strace itself ends as what it ran: with its exit code, or by the same signal."""
    place = bench.fresh(subject)
    call, number, _ = step
    injected = (f"{call}:{how['inject']}:when={number}", *how.get("also", ()))
    words = [word for one in injected for word in ("-e", f"inject={one}")]
    argv = ["strace", "-q", "-o", str(place.root / "strace.log"), *words, *bench.argv(place, "new")]
    return seen(bench, place, f"{subject.name}, {call} {number}", bench.run(place, argv, within=GONE))
