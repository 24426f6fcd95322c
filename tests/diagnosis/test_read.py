"""What a guest says when it is asked for more: the protocol, and the script that speaks it."""

from __future__ import annotations

import base64
import json
import re
import subprocess

import pytest

from generator import data, diagnosis

SCRIPT = data.TEMPLATES / "observer/diagnose.sh"


def line(name: object, out: object, code: object = 0) -> str:
    return json.dumps({"told": name, "code": code, "out": out})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_what_it_tells() -> None:
    lines = ["Welcome", line("blame", encoded("1s a.service\n")), line("plot", ""), '{"diagnosed": 2}']
    assert diagnosis.read(lines, 2).told == {"blame": b"1s a.service\n"}
    assert diagnosis.read(lines, 2).boot == 2


@pytest.mark.parametrize(
    "bad",
    ["", "[1]", "{", '{"told": "blame"}', line("other", encoded("x")), line("../../x", encoded("x")),
     line(["blame"], "eA=="), line("blame", "!"), line("blame", 1), line(None, None), "[" * 10000],
)  # fmt: skip
def test_what_is_no_answer(bad: str) -> None:
    assert diagnosis.read([bad], 1).told == {}
    assert not diagnosis.is_done(bad)


def test_the_end() -> None:
    assert diagnosis.is_done('{"diagnosed": 8}')
    assert not diagnosis.is_done('{"done": 8}')


def test_the_script_knows_every_name() -> None:
    """Each is a function of it, is let through, and has a file of its own."""
    text = SCRIPT.read_text()
    let_through = re.search(r"case \$name in ([^)]*)\)", text)
    assert let_through
    assert let_through[1].split(" | ") == list(diagnosis.ALL)
    assert all(re.search(rf"^{name}\(\) ", text, re.M) for name in diagnosis.ALL)
    assert set(diagnosis.CHART) <= set(diagnosis.ALL)
    assert len(set(diagnosis.FILES.values())) == len(diagnosis.ALL)


def test_the_script_speaks_the_protocol() -> None:
    """On whatever this is: what needs systemd says nothing here, and takes nothing from the others."""
    told = _run("modules", "parameters", "rm", "$(id)", "one", "failed")
    assert [json.loads(one).get("told") for one in told] == ["modules", "parameters", "failed", None]
    assert json.loads(told[-1]) == {"diagnosed": 3}
    read = diagnosis.read(told, 1).told
    assert b"kernel.ostype = Linux\n" in read["parameters"]


def test_secrets_stay_where_they_are() -> None:
    """Whoever has these keys can forge cookies of TCP fast open, or tell a machine by its addresses."""
    shown = subprocess.run(["sysctl", "-a", "-N"], capture_output=True, text=True, check=False).stdout
    told = diagnosis.read(_run("parameters"), 1).told["parameters"].decode()
    secret = re.compile(r"stable_secret|tcp_fastopen_key$", re.M)
    assert secret.search(shown)  # or this shows nothing
    assert not re.search(r"stable_secret|tcp_fastopen_key ", told)


def _run(*names: str) -> list[str]:
    done = subprocess.run(["sh", SCRIPT, *names], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()
