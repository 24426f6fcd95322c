"""The base itself: by UEFI as well as by BIOS (all other tests), and named by its address."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import base, distro, guest
from generator.base import packages
from tests.boots.conftest import Ran, swap_base
from tests.conftest import HEAD

pytestmark = pytest.mark.boots

EVERY_OTHER_SETTING = """\
sysctl: {net.ipv4.ip_forward: 1}
swap: {mode: limited, size: 64MiB}
packages: [ethtool]
files:
  - {path: /opt/nodebake/greeting, content: "hello 'you' $(date) {{ x }}\\n", mode: "0640", owner: ops, group: ops}
services: {apt-daily.timer: masked, apt-daily-upgrade.timer: disabled}
users:
  - name: ops
    sudo: true
    ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE ops@laptop]
"""


@pytest.mark.long
def test_uefi(tmp_path: Path) -> None:
    """One CPU: with two, TCG now and then runs into the kernel's own patching of its code (int3 in kfree)."""
    disk = guest.overlay(base.obtain("debian-13").path, tmp_path / "disk.qcow2")
    machine = guest.Machine(disk=disk, firmware="uefi", cpus=1)
    guest.boot(machine, tmp_path / "console.log", until=re.compile(r"login:"), then="quit")


@pytest.mark.parametrize("name", distro.known())
def test_cloud_init_is_the_one_that_is_known(name: str) -> None:
    """What `check` and `render --target` say of a node hangs on it."""
    listed = (swap_base(name).parent / packages.LIST).read_text(encoding="utf-8").splitlines()
    assert [line for line in listed if line.startswith(f"cloud-init\t{distro.cloud_init(name)}-")]


@pytest.mark.long
def test_pinned_address(tmp_path: Path, nodebake: Callable[..., Ran]) -> None:
    """An image by address and sha256: fetched, verified, and baked by the road that asks only cloud-init of it.

    With every kind of setting that the shipped profile lacks; for its packages the build has a network.
    """
    image = base.obtain("debian-13").path
    pin = f"base:\n  url: {image.as_uri()}\n  sha256: {hashlib.sha256(image.read_bytes()).hexdigest()}\n"
    path = tmp_path / "pinned.yaml"
    path.write_text(HEAD + pin + EVERY_OTHER_SETTING)
    built = nodebake("build", path, "-o", tmp_path)
    assert built.code == 0
    verified = nodebake("verify", built.out.strip(), "--profile", path, "--boots", 1)
    assert verified.code == 0, verified.out
