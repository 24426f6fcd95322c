"""What a clone runs to tell what was left in it: on files here, by the same shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from generator import data, render
from generator.settings.hygiene import left

ENVIRONMENT = {**os.environ, "LC_ALL": "C"}  # as observe.sh has it
SCRIPTS = sorted((data.TEMPLATES / "clones").glob("*.sh"))


def _run(name: str, *arguments: str, started: int | None = None) -> list[str]:
    script = render.raw(f"clones/{name}.sh")
    if started is not None:
        begin, end = script.index("$(awk"), script.index("/proc/stat)") + len("/proc/stat)")
        script = f"{script[:begin]}{started}{script[end:]}"
    done = subprocess.run(
        ["sh", "-c", script, "sh", *arguments], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    *rows, last = (done.stdout + done.stderr).splitlines()
    assert last == "looked"
    return rows


def _lay(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"{path}\n")


def test_shellcheck() -> None:
    assert len(SCRIPTS) > 7
    # Lists of patterns are meant to be split and expanded.
    subprocess.run(["shellcheck", "-s", "sh", "-e", "SC2048,SC2086", *SCRIPTS], check=True)


@pytest.mark.parametrize(
    ("started", "old"), [(0, []), (9999999999, ["new /D/log/.y/z", "new /D/log/x", "new /D/t/.h"])]
)
def test_left(tmp_path: Path, started: int, old: list[str]) -> None:
    """By kinds: anything; files; files that are older than a boot. Folders and links into /usr are neither."""
    _lay(tmp_path, "cni/a", "seed/b/.c", "log/x", "log/.y/z", "t/.h")
    (tmp_path / "log/README").symlink_to("../usr/share/doc/x")
    (tmp_path / "cni/gone").symlink_to("/nowhere")
    (tmp_path / "seed/empty").mkdir()
    rows = (f"none:cni={tmp_path}/cni/*", f"folders:seed={tmp_path}/seed/** {tmp_path}/no/**")
    told = _run("left", *rows, f"new:new={tmp_path}/log/** {tmp_path}/t/* {tmp_path}/t/.*", started=started)
    found = sorted(row.replace(str(tmp_path), "/D") for row in told)
    assert found == sorted(["cni /D/cni/a", "cni /D/cni/gone", "seed /D/seed/b/.c", *old])


def test_left_when_nothing_was(tmp_path: Path) -> None:
    assert _run("left", f"none:a={tmp_path}/a /nowhere/*", f"new:b={tmp_path}/**") == []


def test_lines(tmp_path: Path) -> None:
    """The regular expressions of the rows are Python's, and grep's -P takes them as they are."""
    (tmp_path / "x").write_text("# http://u:p@h\nok\n\xff http_proxy=kept\n", encoding="latin-1")
    (tmp_path / "link").symlink_to(tmp_path / "x")
    rows = left.rows()
    assert _run("lines", rows["proxies"].match, f"{tmp_path}/*", "/nowhere") == [f"{tmp_path}/x:3"]
    assert _run("lines", rows["logins-in-urls"].match, f"{tmp_path}/*") == [f"{tmp_path}/x:1"]


def test_digests(tmp_path: Path) -> None:
    _lay(tmp_path, "a/b", "c")
    (tmp_path / "empty").touch()
    told = [row.split()[1] for row in _run("digests", f"{tmp_path}/*", "/nowhere")]
    assert sorted(told) == [f"{tmp_path}/a/b", f"{tmp_path}/c"]
