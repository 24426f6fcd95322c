"""Reports in every format, for a good node, a bad one and an empty one."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from generator import report
from generator.model import Expect, Report, Verdict
from generator.reasons import reason
from generator.report import told
from tests.report import fixture

EXPECT = Expect("swap.inactive", "swap", "no-swap", (), "no swap is on", "kubelet stops")
GOOD = Report("a.qcow2", "node", (Verdict(EXPECT, 1, "pass", "no swap is on"),), 61.4)
BAD = Report("a.qcow2", "node", (Verdict(EXPECT, 1, "fail", "swap is on: /swap\x1b[2J"),), 61.4)
PROBE = Verdict(
    Expect("containerd.container", "containerd", "x", (), "it ran", "no pod"), 1, "skipped", "not looked at"
)
SKIPPED = Report("a.qcow2", "node", (*GOOD.verdicts, PROBE), 61.4)
LIMITED = reason("swap", "limited").breaks
EMPTY = Report("a.qcow2", "node", (), 0.0)


def test_ok_is_earned() -> None:
    assert [found.ok for found in (GOOD, BAD, EMPTY)] == [True, False, False]
    assert SKIPPED.ok
    assert not Report("a.qcow2", "node", (PROBE,), 1.0).ok


def test_text() -> None:
    assert "ok: 1 checks in 1 boots, 61 s" in report.text(GOOD)
    text = report.text(BAD)
    assert text.splitlines()[-5:] == [
        "  swap.inactive (boot 1)",
        "    expected  no swap is on",
        "    found     swap is on: /swap?[2J",
        "",
        "1 of 1 checks failed, 61 s",
    ]
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
    assert found["verdicts"][0]["want"] == "no swap is on"


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


def test_a_good_node_is_short() -> None:
    """A line for each setting, and no word of expectations."""
    lines = report.text(fixture.good()).splitlines()
    assert lines[0] == "output/k8s-node/k8s-node.qcow2 against k8s-node"
    assert lines[2].split() == ["boot", "1", "boot", "2"]
    assert lines[-1] == f"ok: {len(fixture.plan_of())} checks in 2 boots, 164 s"
    settings = {verdict.expect.setting for verdict in fixture.good().verdicts}
    assert [line.split()[0] for line in lines[3:-2]] == list(dict.fromkeys(one.setting for one in fixture.plan_of()))
    assert len(lines) == len(settings) + 5
    assert all("ok       ok" in line for line in lines[3:-2])


def test_what_failed_comes_last_with_its_cause() -> None:
    assert report.text(fixture.bad()) == (fixture.HERE / "bad.txt").read_text()


def test_the_raw_image_is_no_boot() -> None:
    """Boot 0 is what was read off the image."""
    made = Report("a", "node", (Verdict(EXPECT, 0, "fail", "on", ("x",)), Verdict(EXPECT, 1, "pass", "off")), 1.0)
    assert report.text(made).splitlines()[2].split() == ["image", "boot", "1"]
    assert "swap.inactive (image)" in report.text(made)
    assert 'name="swap.inactive (image)"' in report.junit(made)
    assert '<th scope="col">image</th>' in report.html(made)
    assert "ok: 1 checks in 1 boots" in report.text(
        Report("a", "node", tuple(Verdict(EXPECT, boot, "pass", "off") for boot in (0, 1)), 1.0)
    )


def test_boots_that_failed_differently_are_told_apart() -> None:
    made = Report("a", "node", (Verdict(EXPECT, 1, "fail", "one"), Verdict(EXPECT, 2, "unobserved", "two")), 1.0)
    text = report.text(made)
    assert "swap.inactive (boot 1)" in text
    assert "swap.inactive (boot 2)" in text
    assert text.splitlines()[3].split()[:3] == ["swap", "FAIL", "UNSEEN"]


def test_causes_and_symptoms_for_programs() -> None:
    found = json.loads(report.as_json(fixture.bad()))
    verdict = next(one for one in found["verdicts"] if one["check"] == "swap.inactive")
    assert verdict["causes"][0] == "swapfile.swap turned on /swapfile, by /etc/fstab"
    assert verdict["symptoms"][0]["text"].startswith("failed to run Kubelet: running with swap on")
    assert found["tested"]["image_sha256"] == fixture.TESTED.image_sha256
    assert found["bundle"] == "output/k8s-node/logs/verify-20261124T180000Z"
    suite = ET.fromstring(report.junit(fixture.bad()).split("\n", 1)[1])
    case = next(case for case in suite if case.get("name") == "swap.inactive (boot 1)")
    assert case[0].get("message") == "wanted no swap is on, found swap is on: /swapfile"
    lines = (case[0].text or "").splitlines()
    assert lines[0] == "kubelet stops: running with swap on is not supported, please disable swap"
    assert "cause: swapfile.swap turned on /swapfile, by /etc/fstab" in lines
    assert any(line.startswith("symptom: kubelet 1.31 and later: failed to run Kubelet") for line in lines)
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["image_sha256"] == fixture.TESTED.image_sha256
    assert "# cause: swapfile.swap turned on /swapfile, by /etc/fstab" in report.tap(fixture.bad()).splitlines()


def test_a_passing_verdict_has_neither() -> None:
    for verdict in json.loads(report.as_json(fixture.good()))["verdicts"]:
        assert (verdict["causes"], verdict["symptoms"]) == ([], [])


@pytest.mark.parametrize("form", ["text", "tap", "junit"])
def test_nothing_that_a_terminal_obeys(form: str) -> None:
    made = report.FORMATS[form](fixture.hostile())
    assert all(line.isprintable() for line in made.split("\n"))


def test_hostile_words_are_xml_and_json() -> None:
    suite = ET.fromstring(report.junit(fixture.hostile()).split("\n", 1)[1])
    told = [case[0].get("message") for case in suite.iter("testcase")]
    assert told[2] == f"wanted {fixture.HOSTILE[2]}, found {fixture.HOSTILE[2]}"
    assert [one["found"] for one in json.loads(report.as_json(fixture.hostile()))["verdicts"]] == list(fixture.HOSTILE)


@pytest.mark.parametrize(
    ("setting", "breaks", "by"),
    [
        ("modules.br_netfilter", "", ["kubeadm before 1.30", "flannel 0.26 and later"]),
        ("modules.overlay", "", ["containerd", "containerd"]),
        ("sysctl.net.ipv4.ip_forward", "", ["kubeadm", "a pod"]),
        (
            "swap",
            reason("swap", "limited").breaks,
            ["kubelet 1.31 and later", "kubeadm 1.8, or with --ignore-preflight-errors"],
        ),
        ("services.apt-daily.timer", "", []),
        ("no-such.setting", "", []),
    ],
)
def test_what_a_user_of_the_cluster_meets_first(setting: str, breaks: str, by: list[str]) -> None:
    """Its programs before those of the node, and none that no program prints."""
    assert [one.by for one in told.met(Expect("x", setting, "x", (), "", breaks))] == by
