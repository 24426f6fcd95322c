"""What a build's guest shows, judged before there is an image."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from generator import bake, checks, errors
from generator.formats import observer
from generator.model import Plan
from generator.sysctl_conf import Tree
from tests.sysctl_conf.trees import seen

OURS = "/etc/sysctl.d/99-zz-nodebake.conf"
LATER: Tree = {"/usr/lib/sysctl.d/zz-vendor.conf": b"# by a package\nnet.bridge.bridge-nf-call-iptables = 0\n"}


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned("modules: [br_netfilter]\nsysctl: {net.bridge.bridge-nf-call-iptables: 1}\n")


def _lines(plan: Plan, tree: Tree) -> list[str]:
    ours = {OURS: next(file.content for _, file in plan.files if file.path == OURS)}
    commands = observer.commands(checks.at_build(plan))
    hello = {"hello": "nodebake/v1", "boot_id": "a", "commands": observer.digest(commands)}
    out = base64.b64encode(seen({**ours, **tree})).decode()
    rows = [{"id": number, "code": 0, "out": out} for number in range(len(commands))]
    return [json.dumps(row) for row in (hello, *rows, {"done": len(rows)})]


def test_all_is_well(plan: Plan) -> None:
    bake.look(plan, _lines(plan, {}), "")


STEP = "set net.bridge.bridge-nf-call-iptables = 1"


@pytest.mark.parametrize("failed_step", ["", STEP, f"{STEP} (exit code 5)", f"{STEP}: it is not so"])
def test_a_later_file_is_named_with_what_to_do(plan: Plan, failed_step: str) -> None:
    """The guest itself reads 1: the kernel's own value, until the next boot."""
    with pytest.raises(errors.CheckFailed) as caught:
        bake.look(plan, _lines(plan, LATER), failed_step)
    assert caught.value.sentence == (
        "no image: at its next boot it would not be what the profile says\n"
        "    sysctl.net.bridge.bridge-nf-call-iptables.persisted: "
        "0 by /usr/lib/sysctl.d/zz-vendor.conf:2; wanted 1"
    )
    assert 'files: [{path: /etc/sysctl.d/NAME.conf, content: ""}]' in caught.value.hint
    assert caught.value.exit_code == errors.CHECK_FAILED


def test_another_steps_failure_has_its_own_reason(plan: Plan) -> None:
    """The sysctl file may not even lie there then."""
    bake.look(plan, _lines(plan, LATER), "load the module br_netfilter")


def test_what_was_not_seen_is_not_well(plan: Plan) -> None:
    with pytest.raises(errors.CheckFailed, match="no observation of it"):
        bake.look(plan, [], "")


def test_a_profile_without_such_settings(planned: Callable[[str], Plan]) -> None:
    plan = planned("swap: disabled\n")
    assert observer.commands(checks.at_build(plan)) == ()
    bake.look(plan, [], "")
