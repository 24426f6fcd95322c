"""What a real kernel can do to `nodebake verify`: its exit code, its sentence, and no QEMU that is left."""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import base, cli, errors, guest, offline, proc, seed, verify
from generator.model import Edit
from tests.processes import qemu_with

pytestmark = [pytest.mark.boots, pytest.mark.long]
NAME = f"hostile-{os.getpid()}"
PROFILE = f"apiVersion: nodebake/v1\nname: {NAME}\nmodules: [overlay]\nsysctl: {{net.ipv4.ip_forward: 1}}\n"
PORT = '"$(echo /dev/vport*p1)"'  # no udev has given it its name yet
NEVER_SAYS = guest.Limits(silence=25)  # seconds: the kernel itself says something more often


@dataclass(frozen=True, slots=True)
class Case:
    """A program in the place of init, and what comes of it."""

    init: str
    code: int
    told: str
    limits: guest.Limits = guest.Limits()  # noqa: RUF009 - frozen
    last_words: str = ""


def _with_port(script: str) -> str:
    return f"modprobe virtio_console; until [ -c {PORT} ]; do sleep 0.1; done\n{script}\nwhile :; do sleep 1000; done"


CASES = {
    "panic": Case("exit 1", errors.GUEST, "the kernel panicked"),
    "reboot loop": Case(
        "echo b >/proc/sysrq-trigger; sleep 60", errors.GUEST, r"rebooted [4-9] times without a result"
    ),
    "hang": Case("while :; do sleep 1000; done", errors.GUEST, "silent and idle for 25 s", NEVER_SAYS),
    "flood": Case(
        _with_port(f"head -c 104857600 /dev/zero >{PORT}"), errors.GUEST, "more than 64 MiB on its result port"
    ),
    "flood of lines": Case(
        _with_port(f"yes '' | head -c 104857600 >{PORT}"), errors.GUEST, "more than 64 MiB on its result port"
    ),
    "garbage": Case(
        _with_port(f"head -c 1048576 /dev/urandom >{PORT} && echo it was sent >/dev/console"),
        errors.GUEST,
        "silent and idle for 25 s",
        NEVER_SAYS,
        "it was sent",
    ),
    "a result that is none": Case(
        _with_port(
            f"""printf '%s\\n' '{{"hello": 1}}' '[]' '{{"id": 0, "code": 0, "out": "!"}}' '{{"done": 2}}' >{PORT}"""
        ),
        errors.CHECK_FAILED,
        "the node sent no observation of it",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_in_the_place_of_init(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES[name]
    disk = offline.copy(base.obtain("debian-13").path, tmp_path / "disk.raw")
    script = f"#!/bin/sh\nexport PATH=/usr/sbin:/usr/bin\n{case.init}\n"
    offline.edit(disk, [Edit("/usr/sbin/init", script.encode(), "0755")])
    image = tmp_path / "hostile.qcow2"
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk.path, image])
    disk.path.unlink()
    monkeypatch.setattr(verify, "verify", functools.partial(verify.verify, limits=case.limits))
    code = _verified(image, tmp_path)
    said = capsys.readouterr()
    assert code == case.code, said
    assert re.search(case.told, said.err + said.out)
    assert case.last_words in said.err
    assert "Traceback" not in said.err
    assert qemu_with(NAME) == []


def test_a_guest_without_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own disk is full before cloud-init's first stage ends: the observer, in memory, tells all the same."""
    fill = "fallocate -l $(($(stat -f -c '%f * %S' /))) /filler; cat /dev/zero >>/filler; df / >/dev/console; true"
    medium = tmp_path / "seed.iso"
    user_data = b"#cloud-config\n" + json.dumps({"bootcmd": [["sh", "-c", fill]]}).encode()
    medium.write_bytes(seed.write({"user-data": user_data, "meta-data": b'{"instance-id": "full"}'}))
    code = _verified(base.obtain("debian-13").path, tmp_path, "--seed", medium)
    said = capsys.readouterr()
    assert code == errors.CHECK_FAILED, said
    assert "no folder in /var/lib: mkdir: " in said.out, said.out
    assert "No space left on device" in said.out, said.out
    assert "sysctl.net.ipv4.ip_forward.value" in said.out  # which this machine lacks, and tells
    assert qemu_with(NAME) == []


def _verified(image: Path, work: Path, *more: object) -> int:
    profile = work / "profile.yaml"
    profile.write_text(PROFILE, encoding="utf-8")
    machine = () if more else ("--machine",)
    return cli.run([str(word) for word in ("verify", image, "--profile", profile, "--boots", 1, *machine, *more)])
