"""The nasty values of tests/literal/ in one machine, by user-data: read back in the guest, byte by byte."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from generator import base, data, guest
from generator import plan as planning
from generator.formats import cloud_init
from generator.model import Plan
from tests import literal
from tests.literal import Laid
from tests.zoo import told

pytestmark = [pytest.mark.boots, pytest.mark.long]


def _plan(profile: Mapping[str, object], work: Path) -> Plan:
    path = work / "profile.yaml"
    path.write_text(yaml.safe_dump(profile, allow_unicode=False, width=1 << 20), encoding="utf-8")
    return planning.load(str(path))


def _script(paths: list[str]) -> Iterator[str]:
    yield told.WAIT
    yield told.section("status", "cloud-init status --long; cat /run/nodebake/ready")
    for number, path in enumerate(paths):
        word = shlex.quote(path)
        yield told.section(str(number), f"stat -c '%a %U %G' -- {word} && base64 -w 4096 -- {word}")
    yield told.section("keys", "base64 -w 4096 /home/literal-keys/.ssh/authorized_keys")
    yield told.section("domainname", "cat /proc/sys/kernel/domainname")
    yield told.section("beside", "find /srv -type f | wc -l; ls -d /pwned /x 2>&1 | grep -vc 'cannot access'")


def _laid(lines: list[str]) -> Laid | list[str]:
    """What a section tells; the lines themselves where it is something else."""
    try:
        mode, owner, group = lines[0].split()
        return Laid(base64.b64decode("".join(lines[1:]), validate=True), int(mode, 8), owner, group)
    except (IndexError, ValueError):
        return lines


def test_they_arrive(tmp_path: Path) -> None:
    profile = literal.together()
    plan, wanted = _plan(profile, tmp_path), literal.wanted(profile)
    medium = tmp_path / "seed.iso"
    medium.write_bytes({one.path: one.content for one in cloud_init.artefacts(plan)}["seed.iso"])
    disk = guest.overlay(base.obtain("debian-13").path, tmp_path / "disk.qcow2")
    machine = guest.Machine(disk=disk, seed=medium, name="literal", cpus=data.guest_cpus(2), net="user-restricted")
    lines = guest.ask(machine, tmp_path / "console.log", "".join(_script(list(wanted)))).lines
    found = told.sections([line.decode() for line in lines])
    assert "status: done" in found["status"], found["status"]
    assert found["status"][-1] == plan.profile.digest
    laid = {path: _laid(found[str(number)]) for number, path in enumerate(wanted)}
    assert {path: laid[path] for path in wanted if laid[path] != wanted[path]} == {}
    keys = [key for user in profile["users"] for key in user.get("ssh_authorized_keys", ())]
    assert base64.b64decode("".join(found["keys"])).decode() == "".join(f"{key}\n" for key in keys)
    assert found["domainname"] == [profile["sysctl"]["kernel.domainname"]]
    assert found["beside"] == [str(len(wanted)), "0"]
