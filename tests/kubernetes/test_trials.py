"""trials.yaml has a form, names what the plan has, and what boots told is judged; made-up boots, without any."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import checks
from generator.formats import observer
from generator.model import Plan
from tests.kubernetes import boots, page, real, trials, verdicts
from tests.kubernetes.trials import Trial

ROWS = trials.load()
PASSES = b"[preflight] Running pre-flight checks\n\t[WARNING Mem]: the system RAM (958 MB) is less\n"
FAILS = b"\t[ERROR CRI]: no such file\n[preflight] If you know what you are doing, ...\n"
RUNS = ["kubelet: runs", "pod: nodebake: this pod runs"]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Of the profile that is booted, with programs that only tell a version."""
    for name in ("kubelet", "kubeadm", "kubectl"):
        (tmp_path / name).write_text("#!/bin/sh\necho Kubernetes v1.35.4\n")
        (tmp_path / name).chmod(0o755)
    made = real.planned(real.profile(tmp_path, tmp_path / "work"))
    assert not made.warnings
    return made


def test_the_rows_are_in_form() -> None:
    assert ROWS[0].name == "nothing removed"
    assert len({row.name for row in ROWS}) == len({boots.told_by(row, Path()) for row in ROWS}) == len(ROWS)
    for row in ROWS[1:]:
        assert row.removed
        assert bool(row.fault) != bool(row.edits)
        agree = bool(row.red) == bool(row.kubeadm) == any("ended by itself" in one for one in row.kubelet)
        assert agree or row.why, f"{row.name}: they do not agree, and nobody says why"


@pytest.mark.parametrize("row", [row for row in ROWS if row.fault], ids=lambda row: row.name)
def test_what_is_predicted_is_what_the_setting_predicts(plan: Plan, row: Trial) -> None:
    (fault,) = (fault for fault in plan.faults if fault.id == row.fault)
    assert row.changes(plan) == fault.edits
    assert row.red == fault.red
    assert not fault.needs_cloud_init


def _told(plan: Plan, preflight: bytes, code: int, kubelet: list[str]) -> list[str]:
    """The lines of a boot in which every check but preflight is unobserved."""
    commands = observer.commands(plan)
    (expect,) = (expect for expect in plan.expects if expect.kind == "kubeadm-preflight")
    hello = {"hello": "x", "boot_id": "a", "commands": observer.digest(commands), "probes": True}
    row = {"id": commands.index(checks.command(expect)), "code": code, "out": base64.b64encode(preflight).decode()}
    records = [json.dumps(one) for one in (hello, row, {"done": len(commands)})]
    return ["== observations", *records, "== versions", "Linux: 6", "== kubelet", *kubelet, "== log", "I1126 a b] c"]


@pytest.mark.parametrize(
    ("preflight", "code", "kubelet", "wrong"),
    [
        (PASSES, 0, RUNS, []),
        (FAILS, 1, RUNS, ["kubeadm: preflight fails: [ERROR CRI]: no such file"]),
        (PASSES, 0, ["kubelet: runs"], ["kubelet: nothing like ^pod: nodebake"]),
        (PASSES, 0, [*RUNS, "pod: x"], ["kubelet: must not have x$, and has: pod: x"]),
    ],
)
def test_judged(plan: Plan, preflight: bytes, code: int, kubelet: list[str], wrong: list[str]) -> None:
    seen = verdicts.of(plan, _told(plan, preflight, code, kubelet))
    trial = Trial("a", "", "", (), frozenset(seen.red), (), ("^kubelet: runs", "^pod: nodebake"), ("x$",), "")
    assert list(verdicts.problems(trial, seen)) == wrong
    assert seen.red["swap.inactive"] == "the node sent no observation of it"


def test_a_prediction_that_does_not_hold(plan: Plan) -> None:
    seen = verdicts.of(plan, _told(plan, PASSES, 0, RUNS))
    red = frozenset(seen.red) - {"swap.inactive"} | {"kubelet.preflight"}
    trial = Trial("a", "", "", (), red, ("CRI",), ("runs",), (), "")
    assert list(verdicts.problems(trial, seen)) == [
        "nodebake: kubelet.preflight is not red",
        "nodebake: swap.inactive is red: the node sent no observation of it",
        "kubeadm: no error like CRI",
        "kubeadm: preflight passes",
    ]


def test_the_page(plan: Plan) -> None:
    seen = verdicts.of(plan, _told(plan, FAILS, 1, ["kubelet: ended by itself, exit code 1"]))
    trial = Trial("a row", "it | is gone", "", (), frozenset(), (), ("ended", "^I"), (), "because")
    made = page.put(f"# By hand\n{page.BEGIN}as it was", page.section((trial,), {"a row": seen}, {"date": "today"}))
    assert made.startswith(f"# By hand\n{page.BEGIN}")
    assert "as it was" not in made
    assert "- date: `today`\n" in made
    (row,) = (line for line in made.splitlines() if line.startswith("| it"))
    assert row.startswith("| it &#124; is gone | **red**: `containerd.")
    assert row.endswith(" | **fails**: CRI | **does not start** | because |")
    assert "kubeadm: [ERROR CRI]: no such file\nkubelet: ended by itself, exit code 1\nI1126 a b] c\n```" in made


def test_each_boot_observes_and_then_asks_kubelet(plan: Plan, planned: Callable[[str], Plan]) -> None:
    script = boots.script(plan)
    assert script.index("set -- --probes") < script.index("== observations") < script.index("== kubelet")
    assert "exit 0" not in script.partition("== versions")[2]
