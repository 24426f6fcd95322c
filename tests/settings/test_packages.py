"""Packages: one command on every road, and the locks of apt."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator import data, formats
from generator.model import Plan


def test_every_road_installs_by_the_same_command(planned: Callable[[str], Plan]) -> None:
    """Without what is only recommended: cloud-init's own `packages` would bring it."""
    plan = planned("packages: [ethtool, conntrack]\n")
    made = {item.path: item.content for form in formats.stems().values() for item in form.artefacts(plan)}
    user_data = yaml.safe_load(made["user-data"])
    scripts = [made[path].decode() for path in ("bootstrap.sh", "packer/upload/apply.sh")]
    assert not {"packages", "package_update", "apt"} & set(user_data)
    for road in (*scripts, user_data["write_files"][-1]["content"]):
        assert road.count("\nstep 'install packages' packages_installed ethtool conntrack\n") == 1
        assert road.count("apt-get -q -y --no-install-recommends ") == road.count("apt-get -q -y ") == 1


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """The real apt-get with no sources, and with its lists in a folder of ours."""
    lists = tmp_path / "lists"
    (lists / "partial").mkdir(parents=True)
    (tmp_path / "cache/archives/partial").mkdir(parents=True)
    (tmp_path / "apt.conf").write_text(
        f'Dir::State::lists "{lists}/";\nDir::Cache "{tmp_path}/cache/";\n'
        'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n'
    )
    return tmp_path


def _updating(folder: Path, more: str = "") -> subprocess.Popen[str]:
    library = data.TEMPLATES / "packages/steps.sh"
    script = f'set -eu; export LC_ALL=C; work=$1; . "$2"; {more} lists_updated; echo updated'
    env = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
    return subprocess.Popen(
        ["sh", "-c", script, "sh", folder, library], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )


def test_it_waits_for_who_holds_the_lists(apt: Path) -> None:
    """apt-daily does, for a while after a first boot; apt-get itself would fail at once."""
    with (apt / "lists/lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        told = apt / "told"
        process = _updating(apt, f'sleep() {{ : >"{told}"; command sleep 0.1; }};')
        while not told.exists():
            assert process.poll() is None, process.communicate()
    out, complaint = process.communicate()
    assert (process.returncode, out.splitlines()[-1], complaint) == (0, "updated", "")


def test_another_failure_is_one(apt: Path) -> None:
    (apt / "apt.conf").write_text("nonsense\n")
    process = _updating(apt)
    out, complaint = process.communicate()
    assert process.returncode != 0
    assert "updated" not in out
    assert "apt.conf" in complaint
