"""Reports in every format, for a good node, a bad one and an empty one."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from generator import report
from generator.model import Expect, Report, Verdict

EXPECT = Expect("swap.inactive", "swap", "no-swap", (), "no swap is on", "kubelet stops")
GOOD = Report("a.qcow2", "node", (Verdict(EXPECT, 1, "pass", "no swap is on"),), 61.4)
BAD = Report("a.qcow2", "node", (Verdict(EXPECT, 1, "fail", "swap is on: /swap\x1b[2J"),), 61.4)
PROBE = Verdict(
    Expect("containerd.container", "containerd", "x", (), "it ran", "no pod"), 1, "skipped", "not looked at"
)
SKIPPED = Report("a.qcow2", "node", (*GOOD.verdicts, PROBE), 61.4)
EMPTY = Report("a.qcow2", "node", (), 0.0)


ON_DISK = Verdict(Expect("hygiene.host-keys", "hygiene", "x", (), "none", "one key for all"), 0, "pass", "none")


def test_the_raw_image_is_no_boot() -> None:
    """Its verdict has no number, and a column of its own would say that it was booted."""
    found = Report("a.qcow2", "node", (ON_DISK, *GOOD.verdicts), 61.4)
    assert "ok: 2 checks in 1 boots, 61 s" in report.text(found)
    assert [verdict["boot"] for verdict in json.loads(report.as_json(found))["verdicts"]] == [0, 1]
    assert '"hygiene.host-keys"' in report.junit(found)
    assert "ok 1 - hygiene.host-keys\n" in report.tap(found)


def test_ok_is_earned() -> None:
    assert [found.ok for found in (GOOD, BAD, EMPTY)] == [True, False, False]
    assert SKIPPED.ok
    assert not Report("a.qcow2", "node", (PROBE,), 1.0).ok


def test_text() -> None:
    assert "ok: 1 checks in 1 boots, 61 s" in report.text(GOOD)
    text = report.text(BAD)
    assert "swap.inactive  FAIL     wanted no swap is on, found swap is on" in text
    assert "FAIL: swap: kubelet stops" in text
    assert "FAILED: the profile expects nothing" in report.text(EMPTY)
    assert "ok: 2 checks in 1 boots, 1 of them skipped, 61 s" in report.text(SKIPPED)


def test_a_guest_cannot_write_to_the_terminal() -> None:
    assert "\x1b" not in report.text(BAD)


def test_json() -> None:
    found = json.loads(report.as_json(BAD))
    assert found["ok"] is False
    assert found["failed_settings"] == ["swap"]
    assert found["verdicts"][0]["status"] == "fail"


def test_junit() -> None:
    suite = ET.fromstring(report.junit(BAD).split("\n", 1)[1])
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    assert ET.fromstring(report.junit(SKIPPED).split("\n", 1)[1]).get("skipped") == "1"


def test_an_empty_suite_is_a_case_that_fails() -> None:
    """Without one, 1..0 is a skipped test, and no testcase is a green build."""
    suite = ET.fromstring(report.junit(EMPTY).split("\n", 1)[1])
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert [(case.get("name"), case[0].tag) for case in suite] == [("suite.empty", "error")]
    assert report.tap(EMPTY).splitlines() == [
        "TAP version 13",
        "1..1",
        "not ok 1 - suite.empty",
        "# unobserved: the profile expects nothing, so nothing was proven",
    ]


def test_tap() -> None:
    assert report.tap(GOOD).splitlines() == ["TAP version 13", "1..1", "ok 1 - swap.inactive (boot 1)"]
    assert "not ok 1 - swap.inactive (boot 1)" in report.tap(BAD)
    assert report.tap(SKIPPED).splitlines()[-1] == "ok 2 - containerd.container (boot 1) # SKIP not looked at"
