"""A run as a table, as JSON, as JUnit XML; and nothing that a guest said does anything in them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from generator.base.keys import Looked
from generator.pipeline import Ran, forms, outcome
from generator.pipeline.outcome import Outcome, Stage

DONE = (
    Stage("check", "done"),
    Stage("build", "done", "", 52.4, "0123456789abcdef", "changed: sysctl"),
    Stage("verify", "done", "72 checks in 2 boots", 124.2, "fedcba9876543210", "changed: the image"),
    Stage("publish", "kept", "", 0.0, "aaaabbbbccccdddd", "nothing has changed"),
)
GOOD = Outcome(
    "node-debian-13",
    "node.yaml",
    "debian-13",
    "",
    DONE,
    (Looked("debian-13-stock-00", "00", True, "it is there, and its bytes are what was put there"),),
    "ab" * 32,
    400 << 20,
    place="/published/node-debian-13",
)
FAILED = Stage("verify", "failed", "red: swap\n  \x1b[31mline <two> \x00", 99.0, "", "", "look at its page")
BAD = Outcome("node-debian-12", "node.yaml", "debian-12", "", (DONE[0], DONE[1], FAILED), code=1)
RAN = Ran("golden", (GOOD, BAD), 260.0)


def test_the_table() -> None:
    assert forms.text(RAN, explain=True).split("\n") == [
        "image           check     build     verify    publish",
        "node-debian-13  ok        ok 52 s   ok 124 s  kept",
        "node-debian-12  ok        ok 52 s   FAIL 99 s -",
        "",
        "FAIL: node-debian-12: verify: red: swap",
        "  \\x1b[31mline <two> \\x00",
        "  look at its page",
        "",
        "node-debian-13  debian-13-stock-00  00                hit   it is there, and its bytes are what was put there",
        "node-debian-13  build               0123456789abcdef  miss  changed: sysctl",
        "node-debian-13  verify              fedcba9876543210  miss  changed: the image",
        "node-debian-13  publish             aaaabbbbccccdddd  hit   nothing has changed",
        "node-debian-12  build               0123456789abcdef  miss  changed: sysctl",
        "",
        "1 failed: 2 images, 1 published, 260.0 s",
        "",
    ]


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b" not in forms.text(RAN)
    assert "\x1b[1;31mFAIL 99 s \x1b[0m" in forms.text(RAN, colour=True)


def test_json_comes_back_as_it_went() -> None:
    told = json.loads(forms.as_json(RAN))
    assert (told["ok"], told["images"][0]["ok"], told["images"][1]["ok"]) == (False, True, False)
    assert tuple(map(outcome.of_data, told["images"])) == RAN.outcomes


def test_junit(tmp_path: Path) -> None:
    (tmp_path / "verify.xml").write_text('<testsuite name="nodebake verify node"><testcase name="a"/></testsuite>')
    root = ET.fromstring(forms.junit(Ran("golden", (GOOD, _in(BAD, tmp_path)), 1.0)))
    good, bad, verify = root.findall("testsuite")
    assert (good.get("name"), good.get("tests"), good.get("failures")) == ("node-debian-13", "4", "0")
    assert bad.get("failures") == "1"
    failure = bad.find("testcase/failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("red: swap", "  ?[31mline <two> ?\nlook at its page")
    assert verify.get("name") == "node-debian-12: nodebake verify node"


def _in(one: Outcome, folder: Path) -> Outcome:
    return outcome.of_data({**outcome.as_data([one])[0], "folder": str(folder)})


def test_a_suite_that_is_no_xml_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "verify.xml").write_text("<testsuite")
    assert len(ET.fromstring(forms.junit(Ran("golden", (_in(BAD, tmp_path),), 1.0)))) == 1


def test_a_red_check_counts_more_than_what_could_not_be_tried() -> None:
    tool = Outcome("a", "p", "b", "", (Stage("build", "failed"),), code=3)
    assert (Ran("r", (tool,), 0.0).code, Ran("r", (tool, BAD), 0.0).code, Ran("r", (GOOD,), 0.0).code) == (3, 1, 0)


def test_no_image_is_no_success() -> None:
    assert not Ran("r", (), 0.0).ok
    assert not Outcome("a", "p", "b", "").ok
