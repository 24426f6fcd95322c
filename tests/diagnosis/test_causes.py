"""Why a check is red: from the files that a node showed, its units, and its journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from generator import checks, diagnosis, judge
from generator.diagnosis import causes
from generator.evidence import Diagnosis
from generator.model import Boot, Plan, Verdict
from generator.sysctl_conf import Link
from tests.sysctl_conf.trees import seen
from tests.test_judge import OURS, SETTINGS, _boot

BRIDGE = "net.bridge.bridge-nf-call-iptables"
GOOD_FILE = {OURS: f"{BRIDGE} = 1".encode()}
LATER = {**GOOD_FILE, "/etc/sysctl.d/zz-later.conf": f"# x\n{BRIDGE} = 0".encode()}
MASKED = {**GOOD_FILE, "/etc/systemd/system/systemd-sysctl.service": Link("/dev/null")}
SWAPS = "Filename Type Size Used Priority\n/swapfile file 1024 0 -2\n"
UNITS = """\
Id=swapfile.swap
What=/swapfile
ActiveState=active
FragmentPath=/run/systemd/generator/swapfile.swap
SourcePath=/etc/fstab

Id=dev-zram0.swap
What=/dev/zram0
ActiveState=active
FragmentPath=
SourcePath=

Id=dev-vda3.swap
What=/dev/vda3
ActiveState=inactive
FragmentPath=/etc/systemd/system/dev-vda3.swap
"""
JOURNAL = """\
[    4.100000] node systemd-modules-load[213]: Module 'br_netfilter' is deny-listed (by kmod)
[    4.200000] node kernel: Bridge firewalling registered: br_netfilter
[    4.300000] node systemd-sysctl[220]: Couldn't write '1' to 'net/bridge/bridge-nf-call-iptables': No such file
[    9.000000] node sshd[400]: br_netfilter is no word of mine
"""
SWAPPED = """\
[    5.100000] node systemd[1]: Activated swap swapfile.swap - /swapfile.
[    5.200000] node systemd[1]: Reached target paths.target - Path Units, and not of swap.
[    5.300000] node cron[9]: swapfile.swap is no word of mine
"""
FAILED = """\
unit systemd-sysctl.service
[    4.310000] node systemd[1]: systemd-sysctl.service: Main process exited, code=exited, status=1/FAILURE
[    4.320000] node systemd[1]: Failed to start systemd-sysctl.service - Apply Kernel Variables.
unit apt-daily.service
[    9.100000] node systemd[1]: apt-daily.service: Failed with result 'exit-code'.
"""
VALUE, FILES = f"sysctl.{BRIDGE}.value", f"sysctl.{BRIDGE}.persisted"
LOADED, LOADABLE, LISTED = (f"modules.br_netfilter.{name}" for name in ("loaded", "loadable", "persisted"))

Told = Mapping[str, tuple[int, str | bytes] | None]
CASES: list[tuple[str, Told, Mapping[str, str], tuple[str, ...]]] = [
    (VALUE, {VALUE: (0, "0\n"), FILES: (0, seen(LATER))}, {},
     ("/etc/sysctl.d/zz-later.conf:2 has the last word at a boot, and sets it to 0",)),
    (FILES, {FILES: (0, seen(LATER))}, {},
     ("/etc/sysctl.d/zz-later.conf:2 has the last word at a boot, and sets it to 0",)),
    (VALUE, {VALUE: (0, "0\n")}, {},
     (f"{OURS}:1 has the last word at a boot, and says so: something wrote another value later",)),
    (FILES, {FILES: (0, seen({}))}, {}, ("no file in sysctl.d sets it",)),
    (FILES, {FILES: (0, seen(MASKED))}, {}, ("systemd-sysctl.service is masked, so that no file is read at a boot",)),
    (FILES, {FILES: (0, "cut")}, {}, ("neither its files nor a unit nor the journal says why",)),
    (VALUE, {VALUE: (1, "cat: no such file\n")}, {"journal": JOURNAL, "failed": FAILED},
     ("the parameter comes with the module br_netfilter, which is not loaded",
      "systemd-sysctl.service failed: Failed to start systemd-sysctl.service - Apply Kernel Variables.",
      "the journal: systemd-sysctl: Couldn't write '1' to 'net/bridge/bridge-nf-call-iptables': No such file")),
    (LOADED, {LOADED: (0, "br_netfilter is absent\nbr_netfilter not: a.conf:1: blacklist br_netfilter\n")},
     {"journal": JOURNAL},
     ("a.conf:1: blacklist br_netfilter",
      "the journal: systemd-modules-load: Module 'br_netfilter' is deny-listed (by kmod)")),
    (LOADED, {LOADED: (0, "br_netfilter is absent\n"), LOADABLE: (0, "br_netfilter is absent\n")}, {},
     ("nothing forbids it: no file in modules-load.d lists it, or it was taken out again",)),
    (LOADABLE, {LOADABLE: (0, "br_netfilter is loaded\nbr_netfilter not: x.conf:1: install br_netfilter no\n")}, {},
     ("x.conf:1: install br_netfilter no",)),
    (LISTED, {LISTED: (0, "# /etc/modules-load.d/a.conf\noverlay\n# /usr/lib/modules-load.d/b.conf\n# words\n")}, {},
     ("a boot reads /etc/modules-load.d/a.conf, /usr/lib/modules-load.d/b.conf, and no other",)),
    (LISTED, {LISTED: (0, "")}, {}, ("there is no file in modules-load.d",)),
    ("swap.inactive", {"swap.inactive": (0, SWAPS)}, {"swaps": UNITS},
     ("swapfile.swap turned on /swapfile, by /etc/fstab",
      "dev-zram0.swap turned on /dev/zram0, by no file: swapon was called, by a program or by hand")),
    ("swap.inactive", {"swap.inactive": (0, SWAPS)}, {"warnings": "[ 2.0] node kernel: Adding swap on /swapfile.\n"},
     ("the journal: kernel: Adding swap on /swapfile.",)),
    ("swap.inactive", {"swap.inactive": (0, SWAPS)}, {"journal": SWAPPED},
     ("the journal: systemd: Activated swap swapfile.swap - /swapfile.",)),
    ("swap.guard", {"swap.guard": (0, "disabled stopped\n")}, {},
     ("`systemctl` was called by a package or by hand, or a preset decided otherwise",)),
    ("swap.guard", {"swap.guard": (0, "enabled stopped\n")},
     {"failed": "unit nodebake-swap-guard.service\n[    3.0] node sh[9]: no swap area goes off\n"
      "[    3.1] node systemd[1]: nodebake-swap-guard.service: Failed with result 'exit-code'.\n"},
     ("nodebake-swap-guard.service failed: no swap area goes off",)),
    ("swap.guard", {"swap.guard": (0, "enabled stopped\n")}, {"failed": "unit nodebake-swap-guard.service\n"},
     ("nodebake-swap-guard.service failed",)),
    ("swap.target", {"swap.target": (0, "loaded\n")}, {},
     ("`systemctl unmask` was called, or a package replaced the unit",)),
    ("swap.units", {"swap.units": (1, "stat: cannot statx 'x': No such file or directory\n")}, {},
     ("/etc/systemd/system/swap.d/zz-nodebake.conf is not there: it was never laid, or something removed it",)),
    ("swap.units", {"swap.units": (0, "0644 other\n")}, {},
     ("somebody edited the file by hand, or another tool wrote it",)),
    ("swap.fstab", {"swap.fstab": None}, {}, ("21 commands of observe.sh were answered, this one was not",)),
]  # fmt: skip


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned(SETTINGS)


def _explained(plan: Plan, told: Told, more: Mapping[str, str]) -> tuple[Verdict, ...]:
    boot = _boot(plan, told)
    asked = Diagnosis(1, {name: text.encode() for name, text in more.items()})
    return causes.explained(judge.boots(plan, [boot]), [boot], [asked])


@pytest.mark.parametrize(("check", "told", "more", "expected"), CASES)
def test_why(plan: Plan, check: str, told: Told, more: Mapping[str, str], expected: tuple[str, ...]) -> None:
    verdict = next(one for one in _explained(plan, told, more) if one.expect.id == check)
    assert verdict.red, verdict
    assert verdict.causes == expected


def test_what_is_not_red_has_no_cause(plan: Plan) -> None:
    everything = {"swaps": UNITS, "journal": JOURNAL, "failed": FAILED, "warnings": JOURNAL}
    assert {verdict.causes for verdict in _explained(plan, {}, everything)} == {()}
    blocked = _explained(plan, {VALUE: (1, "x"), LOADED: (0, "br_netfilter is absent\n")}, everything)
    assert {verdict.status: verdict.causes for verdict in blocked}["blocked"] == ()


def test_the_raw_image_has_no_units_and_no_journal(plan: Plan) -> None:
    """Boot 0."""
    red = [Verdict(expect, 0, "fail", "x") for expect in plan.expects if expect.id in ("swap.target", "swap.fstab")]
    told = Diagnosis(1, {"warnings": SWAPPED.encode()})
    assert {one.expect.id: one.causes for one in causes.explained(red, [_boot(plan, {})], [told])} == {
        "swap.target": ("`systemctl unmask` was called, or a package replaced the unit",),
        "swap.fstab": (),
    }


def test_the_whole_of_a_silent_guest(plan: Plan) -> None:
    verdicts = causes.explained(judge.boots(plan, [None]), [None])
    assert {verdict.causes for verdict in verdicts} == {("observe.sh told nothing",)}


def test_boots_that_differ_are_told_check_by_check(plan: Plan) -> None:
    boots = [_boot(plan, {}, "a"), _boot(plan, {"swap.inactive": (0, SWAPS)}, "b")]
    verdicts = causes.explained(judge.boots(plan, boots), boots)
    same = next(verdict for verdict in verdicts if verdict.expect.id == "boots.same")
    assert same.causes == ("swap.inactive: boot 1: no swap is on; boot 2: swap is on: /swapfile",)


def test_no_list_is_endless(plan: Plan) -> None:
    """A journal of a million lines that all fit gives the last ones, and each is cut."""
    noise = "".join(f"[    1.0] node kernel: swap {number} {'x' * 1000}\n" for number in range(1000))
    verdict = next(
        one
        for one in _explained(plan, {"swap.inactive": (0, SWAPS)}, {"warnings": noise, "swaps": UNITS * 500})
        if one.red
    )
    assert len(verdict.causes) <= 6
    assert max(map(len, verdict.causes)) < 300


@pytest.mark.parametrize("name", diagnosis.ALL)
@pytest.mark.parametrize(
    "words", ["", "\n\n", "unit ", "unit \nunit x\n", "=\n=x\n\n\nActiveState=active\n", "[ 1] a b:", "\x00\ufffd" * 50]
)
def test_any_words_are_taken(plan: Plan, name: str, words: str) -> None:
    red: Told = {expect.id: (1, words) for expect in plan.expects}
    verdicts = _explained(plan, red, {name: words})
    assert all(verdict.causes for verdict in verdicts if verdict.red)


def test_every_kind_that_cannot_tell_by_itself_has_a_usual_cause() -> None:
    """And no row is for a kind that is gone."""
    silent = {name for name, kind in checks.KINDS.items() if kind.why is None}
    rows = causes._usual().keys()
    assert rows <= checks.KINDS.keys()
    assert rows >= silent & {"file", "package", "unit-enabled", "unit-load-state", "login", "cloud-init"}


def test_boots_without_observations_do_not_stop_it(plan: Plan) -> None:
    boots = [Boot("a", {}), None]
    verdicts = causes.explained(judge.boots(plan, boots), boots, [Diagnosis(2, {"journal": b"\xff\xfe"})])
    assert all(verdict.causes or not verdict.expect.kind for verdict in verdicts if verdict.red)
