"""JSON, JUnit and Markdown."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from generator.prove import formats
from generator.prove.record import Proof
from tests.prove.conftest import CHECKS, trial


def test_json(proof: Callable[..., Proof]) -> None:
    made = proof(trial("lp", "pi", "one"), trial("l", "l", "two", known=True), bare=65.04)
    told = json.loads(formats.as_json(made))
    assert (told["ok"], told["faults"], told["killed"], told["unproven"]) == (False, 2, 1, ["swap.inactive"])
    assert (told["image_sha256"], told["profile_sha256"]) == ("ab" * 32, "cd" * 32)
    assert (told["booted"], told["bare_boot_seconds"], told["checks"]) == (1, 65.0, list(CHECKS))
    one, two = told["trials"]
    assert (one["verdict"], one["missed"], one["collateral"]) == (
        "missed+collateral",
        ["modules.overlay.loaded"],
        ["swap.inactive"],
    )
    assert one["found"] == {check: f"found {check}" for check in CHECKS}
    assert (two["verdict"], two["known"], two["predicted"], two["red"]) == ("killed", True, [CHECKS[0]], [CHECKS[0]])


def test_junit(proof: Callable[..., Proof]) -> None:
    made = proof(trial("lp", "lp", "modules.one"), trial("lp", "l", "modules.two", seconds=31.4))
    suite = ET.fromstring(formats.junit(made))
    cases = [(case.get("classname"), case.get("name"), len(case)) for case in suite]
    assert cases == [("modules", "modules.one", 0), ("modules", "modules.two", 1), ("unproven", "swap.inactive", 1)]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    failure = suite[1][0]
    assert failure.get("message") == "missed: modules.two is broken"
    assert failure.text == "modules.overlay.persisted stayed green: found modules.overlay.persisted"


@pytest.mark.parametrize("red", ["i", ""])
def test_markdown(red: str, proof: Callable[..., Proof]) -> None:
    made = proof(trial("lp", "lp", "modules.one"), trial("i", red, "swap.on"), bare=60.0)
    page = formats.markdown(made)
    assert f"- image: sha256 `{'ab' * 32}`" in page
    assert f"- profile: sha256 `{'cd' * 32}`" in page
    assert ("kill rate 100 %" in page) == (red == "i") == ("## What is wrong" not in page)
    assert "one bare boot 60.0 s, so 0.50 bare boots a fault" in page
    row = "| `modules.one` | modules.one is broken | `modules.overlay.loaded`, `modules.overlay.persisted` | killed |"
    assert row in page.splitlines()
    assert ("| `swap.on` | swap.on is broken | none | survived |" in page) == (red == "")


def test_a_story_keeps_to_its_cell(proof: Callable[..., Proof]) -> None:
    assert formats._cell("a | b <script>\n") == "a \\| b &lt;script>\\n"
