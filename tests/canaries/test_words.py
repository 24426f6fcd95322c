"""What nodebake says of a profile, to people and to programs, repeats no secret that stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import cli, errors, formats, judge, report
from generator import plan as planning
from generator.model import Report
from tests.canaries.scan import Scanner
from tests.canaries.spellings import needles
from tests.conftest import HEAD

CANARY = "nbcanary-7d1f0b64c2"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3y3mVBqXW6vF5m0x0sYb8wFh8kN0rO1m7u2q3t4w5x"
PROFILE = f"""{HEAD}# the password is {CANARY}
users: [{{name: ops, ssh_authorized_keys: ["{KEY} of ops"]}}]
files:
  - {{path: /etc/token, mode: "0600", content: "{CANARY}\\n"}}
  - {{path: /etc/token-too, mode: "0600", encoding: base64, content: bmJjYW5hcnktN2QxZjBiNjRjMg==}}
"""
SCANNER = Scanner(needles({"canary": CANARY.encode()}))
CARRIERS = ("user-data", "bootstrap.sh", "seed.iso")  # for their owner's eyes alone; and what Packer uploads


def _leaks(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return [hit.what for hit in SCANNER.scan([(0, raw)])]


def _said(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    cli.run(argv)
    told = capsys.readouterr()
    return told.out + told.err


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / f"{abs(hash(text))}.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_a_canary_is_seen() -> None:
    assert _leaks(f"x{CANARY}") == ["canary, as it is"]
    assert sorted(_leaks(PROFILE)) == ["canary, as it is", "canary, as it is", "canary, in base64 (0)"]


@pytest.mark.parametrize(
    "words", [("check",), ("check", "--format", "json"), ("plan",), ("plan", "--format", "json")], ids=" ".join
)
def test_verbs(words: tuple[str, ...], profile: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    verb, *more = words
    said = _said([verb, profile(PROFILE), *more], capsys)
    assert "token" in said or verb == "check"
    assert _leaks(said) == []


@pytest.mark.parametrize("more", [(), ("--format", "json")], ids=["text", "json"])
def test_diff(more: tuple[str, ...], profile: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    other = PROFILE.replace(f'"{CANARY}\\n"', '"another\\n"')
    said = _said(["diff", profile(PROFILE), profile(other), *more], capsys)
    assert "/etc/token" in said
    assert _leaks(said) == []


@pytest.mark.parametrize(
    "wrong",
    [
        f"base: {{distro: debian-13, mirror: 'http://me:{CANARY}@m.example/debian'}}",
        f"base: {{url: 'https://me:{CANARY}@m.example/x.qcow2', sha256: {'a' * 64}}}",
        f"users: [{{name: ops, password: {CANARY}}}]",
        f"users: [{{name: ops, passwd: {CANARY}}}]",
        f"vars: {{pin: {{type: integer, secret: true, default: {CANARY}}}}}",
        f"vars: {{pin: {{type: text, secret: true, one_of: [a], default: {CANARY}}}}}",
        f"vars: {{pin: {{type: integer, secret: true, one_of: [{CANARY}]}}}}",
        f"files: [{{path: /etc/token, content: {CANARY}, mode: '644'}}]",
        f"files: [{{path: relative, content: {CANARY}}}]",
        f"files: [{{path: /etc/token, content: '{CANARY}!', encoding: base64}}]",
        f"files: [{{path: /etc/token, content: {{{CANARY}: 1}}}}]",
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_refusals(wrong: str, form: str, profile: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["check", profile(f"{HEAD}{wrong}\n"), "--format", form]
    assert cli.run(argv) == errors.REFUSED
    told = capsys.readouterr()
    assert _leaks(told.out + told.err) == []


def test_artefacts_that_carry_a_file_are_private(profile: Callable[[str], str]) -> None:
    """And no other one has it."""
    plan = planning.load(profile(PROFILE))
    made = [one for form in formats.stems().values() for one in form.artefacts(plan)]
    having = {one.path: one.mode for one in made if _leaks(one.content)}
    assert set(CARRIERS) <= set(having)
    assert all(path in CARRIERS or path.startswith("packer/upload/files/") for path in having)
    assert {mode & 0o077 for mode in having.values()} == {0}


def test_reports_of_all_that_can_fail(profile: Callable[[str], str]) -> None:
    """Nothing was observed, so all is red, with its causes and what it breaks."""
    plan = planning.load(profile(PROFILE))
    made = Report("an image", plan.profile.name, tuple(judge.boots(plan, [None])), 1.0)
    assert not made.ok
    for form in (report.text, report.junit, report.html, report.tap, report.as_json):
        assert "/etc/token" in str(form(made))
        assert _leaks(str(form(made))) == []
    json.loads(report.as_json(made))
