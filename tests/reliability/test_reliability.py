"""A representative part of what `make reliability` tries, and that it could tell if something were wrong."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import output
from tests.conftest import ROOT
from tests.reliability import outcome, page
from tests.reliability.__main__ import chosen
from tests.reliability.bench import MIXTURE, NEW, OLD, Bench, Ran
from tests.reliability.cases import CASES, SUBJECTS, UNTRIED, Case
from tests.reliability.outcome import Outcome

# Of each so many tries of a kind, on these subjects alone: a second each.
PART = {
    "no room on the disk (ENOSPC), at a call that needs some": ["fleet --to jsonl"],
    "the disk fails (EIO) at a write, an fsync, a rename, a mode": ["fleet --to tree"],
    "SIGKILL at a system call of the commit": ["fleet --to tree, the first"],
    "SIGTERM, and SIGINT and SIGHUP at each file that is removed": ["render"],
    "another run holds the lock; then it is killed": ["fleet --to jsonl"],
    "the lock's file is removed while it is held": ["render"],
    "stdout is a full disk": ["render"],
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    return Bench(tmp_path_factory.mktemp("bench") / "of")


@pytest.mark.parametrize("what", PART)
def test_a_part(bench: Bench, what: str) -> None:
    case = next(case for case in CASES if case.what == what)
    how = {**case.how, "subjects": PART[what]}
    if case.kind == "injected" and "calls" not in how:
        how["calls"] = ["renameat2", "rename", "unlinkat", "fsync"]
    kind = importlib.import_module(f"tests.reliability.{case.kind}")
    outcomes = list(kind.tries(bench, how, functools.partial(chosen, most=1)))
    assert outcomes
    assert [problem for one in outcomes for problem in outcome.problems(case, one)] == []


@pytest.mark.parametrize("signals", [["TERM"], ["HUP"]])
def test_a_build_that_is_signalled_again_while_it_puts_away(bench: Bench, signals: list[str]) -> None:
    case = next(case for case in CASES if case.kind == "signalled")
    how = {"signals": signals, "times": ["while it puts away"]}
    kind = importlib.import_module("tests.reliability.signalled")
    outcomes = list(kind.tries(bench, how, functools.partial(chosen, most=1)))
    assert [problem for one in outcomes for problem in outcome.problems(case, one)] == []


CASE = Case("x", "y", {}, "z", frozenset([0, 3, -9]), frozenset([OLD, NEW]), "No space")
TOLD = "nodebake: /x: No space left on device\n"


@pytest.mark.parametrize(
    ("seen", "problem"),
    [
        (Outcome("", Ran(1, "", TOLD), OLD), "exit code 1"),
        (Outcome("", Ran(3, "", TOLD), MIXTURE), "published: a mixture"),
        (Outcome("", Ran(0, "", ""), OLD), "published: old"),
        (Outcome("", Ran(3, "", TOLD), NEW), "published, and said that it failed"),
        (Outcome("", Ran(3, "", "nodebake: no\n"), OLD), "another sentence"),
        (Outcome("", Ran(3, "No space: /x\n", "nodebake: no\n"), OLD), "another sentence"),
        (Outcome("", Ran(3, "", TOLD + "Traceback (most recent call last):\n"), OLD), "stderr has: Traceback"),
        (Outcome("", Ran(3, "", TOLD, ("qemu-system-x86_64",)), OLD), "still running: qemu"),
        (Outcome("", Ran(3, "", TOLD), OLD, ("out/.stage-x",)), "left: out/.stage-x"),
        (Outcome("", Ran(-9, "", ""), OLD, (), "exit code 3: no"), "after the next run: exit code 3"),
        (Outcome("", Ran(-9, "", ""), OLD, (), NEW, ("out/.stage-x",)), "after the next run: new, left: out/.stage-x"),
    ],
)
def test_what_is_not_as_expected_is_told(seen: Outcome, problem: str) -> None:
    assert any(f": {problem}" in told for told in outcome.problems(CASE, seen)), outcome.problems(CASE, seen)


def test_what_is_as_expected_is_not() -> None:
    assert outcome.problems(CASE, Outcome("", Ran(3, "", TOLD), OLD)) == []
    assert outcome.problems(CASE, Outcome("", Ran(3, "a table\nFAIL: x: No space left\n", ""), OLD)) == []
    assert outcome.problems(CASE, Outcome("", Ran(0, "", ""), NEW)) == []


def test_a_mixture_is_seen(bench: Bench) -> None:
    place = bench.fresh(SUBJECTS["render"])
    assert (bench.state(place), place.left()) == (OLD, ())
    (place.target / "user-data").write_text("another")
    (place.out / ".stage-node-abcdefgh").mkdir()
    assert (bench.state(place), place.left()) == (MIXTURE, ("out/.stage-node-abcdefgh",))


def test_a_process_that_is_left_is_seen(bench: Bench) -> None:
    place = bench.fresh(SUBJECTS["render"])
    ran = bench.run(place, ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"])
    os.kill(int(ran.out), 9)
    assert ran.running == ("sleep 60",)


def test_a_commit_in_two_steps_would_be_found(bench: Bench, tmp_path: Path) -> None:
    """The old removed, then the new renamed: a SIGKILL in between leaves nothing."""
    (tmp_path / "sitecustomize.py").write_text(
        "import shutil\nfrom generator import output\n"
        "def swap(stage, directory):\n    shutil.rmtree(directory)\n    stage.rename(directory)\n"
        "output._swap = swap\n"
    )
    assert callable(output._swap)
    place = bench.fresh(SUBJECTS["render"])
    argv = ["strace", "-q", "-o", "/dev/null", "-e", "inject=rename:signal=KILL:when=1"]
    path = f"{tmp_path}:{place.env['PYTHONPATH']}"
    bench.run(place, [*argv, *bench.argv(place, "new")], env={"PYTHONPATH": path})
    assert bench.state(place) == MIXTURE


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("/tmp/nodebake-reliability.k2_x/12/out/.stage-node-abcd_123/x: no", "/out/.stage-node-XXX/x: no"),
        ("out/.stage-node-debian-13-0e7db0d4-pvv4wl4w", "out/.stage-node-debian-13-0e7db0d4-XXX"),
        ("out/.stage-nodes.jsonl", "out/.stage-nodes.jsonl"),
        ("out/.part-nodes-0123456789abcdef", "out/.part-nodes-KEY"),
    ],
)
def test_what_is_random_is_not_told(said: str, plain: str) -> None:
    assert page._plain(said) == plain


def test_the_page_has_every_case() -> None:
    """`make reliability` was run since a case came or went."""
    text = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    told = [row for row in rows if row not in ("what was done", "what")]
    in_turn = [case.what for case in sorted(CASES, key=lambda case: case.long)]
    short = [case.what for case in CASES if not case.long]
    assert told[: -len(UNTRIED)] in (in_turn, short)
    assert told[-len(UNTRIED) :] == [row["what"] for row in UNTRIED]
    assert page.text([], [], {"date": "", "versions": ""}).startswith(text[:60])
