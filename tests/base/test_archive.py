"""apt's own words on where packages came from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from generator.base import archive
from tests.conftest import ROOT

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
SHOWN = f"""\
Package: bash
Version: 5.2
Architecture: amd64
Description: a shell
 SHA256: {C}
SHA256: {A}

Package: bash
Status: install ok installed
Version: 5.2
Architecture: amd64

Package: adduser
Version: 3.1
Architecture: all
SHA256: {B}

"""
LISTING = "bash\t5.2\tamd64\nadduser\t3.1\tall\n"


def test_each_package_has_its_sum() -> None:
    assert archive.packages(SHOWN, LISTING) == f"adduser\t3.1\tall\t{B}\nbash\t5.2\tamd64\t{A}\n"


@pytest.mark.parametrize("row", [("vim", "1", "all"), ("bash", "5.3", "amd64"), ("adduser", "3.1", "amd64")])
def test_none_without(row: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=f"^{row[0]}$"):
        archive.packages(SHOWN, LISTING + "\t".join(row) + "\n")


def test_releases() -> None:
    told = f"{B}  x_InRelease\nSuite: stable\nCodename: trixie\nDate: Sat, 1 Nov 2026 09:00:00 UTC\n{A}  y_Release\n"
    assert archive.releases(told) == f"\t\t{A}\ntrixie\tSat, 1 Nov 2026 09:00:00 UTC\t{B}\n"
    assert list(archive.table(archive.releases(told)))[1][0] == "trixie"


def test_the_hook_asks_apt(tmp_path: Path) -> None:
    """In a root where chroot is a program that tells what it was asked."""
    lists, programs = tmp_path / "root/var/lib/apt/lists", tmp_path / "bin"
    lists.mkdir(parents=True)
    programs.mkdir()
    (lists / "m_dists_trixie_InRelease").write_text("Origin: Debian\nSuite: stable\nCodename: trixie\nDate: today\n")
    (programs / "chroot").write_text(
        '#!/bin/sh\ncase $2 in dpkg-query) echo a=1; echo b:amd64=2;; *) echo "$@";; esac\n'
    )
    (programs / "chroot").chmod(0o755)
    hook = ROOT / "generator/base/archive.sh"
    env = {"PATH": f"{programs}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", hook.read_text(), "exec", tmp_path / "root"], check=True, env=env)
    assert (tmp_path / "root/archive.txt").read_text() == f"{tmp_path}/root apt-cache show a=1 b:amd64=2\n"
    told = archive.releases((tmp_path / "root/releases.txt").read_text())
    assert told.startswith("trixie\ttoday\t")
