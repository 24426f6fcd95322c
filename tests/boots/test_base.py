"""The base itself: by UEFI as well as by BIOS (all other tests), and named by its address."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import base, data, guest
from tests.boots.conftest import Ran
from tests.conftest import HEAD

pytestmark = pytest.mark.boots


def test_uefi(tmp_path: Path) -> None:
    disk = guest.overlay(base.obtain("debian-13").path, tmp_path / "disk.qcow2")
    machine = guest.Machine(disk=disk, firmware="uefi", cpus=data.guest_cpus(), net="user-restricted")
    guest.boot(machine, tmp_path / "console.log", until=re.compile(r"login:"), then="quit")


def test_pinned_address(tmp_path: Path, nodebake: Callable[..., Ran]) -> None:
    """An image by address and sha256: fetched, verified, and baked by the road that asks only cloud-init of it."""
    image = base.obtain("debian-13").path
    pin = f"base:\n  url: {image.as_uri()}\n  sha256: {hashlib.sha256(image.read_bytes()).hexdigest()}\n"
    path = tmp_path / "pinned.yaml"
    path.write_text(HEAD + pin + "sysctl: {net.ipv4.ip_forward: 1}\n")
    built = nodebake("build", path, "-o", tmp_path)
    assert built.code == 0
    assert nodebake("verify", built.out.strip(), "--profile", path, "--boots", 1).code == 0
