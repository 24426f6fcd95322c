"""The two other roads to the same node: user-data on a stock machine, and bootstrap.sh on a stock machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator import guest
from tests.boots.conftest import Ran, in_guest, swap_base

pytestmark = pytest.mark.boots


@pytest.mark.long
@pytest.mark.parametrize("distro", ["debian-13", "debian-12"])
def test_user_data(distro: str, tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]) -> None:
    path = profile(distro)
    assert nodebake("render", path, "-o", tmp_path).code == 0
    seed_image = tmp_path / "k8s-node" / "seed.iso"
    boots = 1  # that it survives a reboot is shown of the image, and of what bootstrap.sh made
    verified = nodebake("verify", swap_base(distro), "--seed", seed_image, "--profile", path, "--boots", boots)
    assert verified.code == 0, verified.out


@pytest.mark.long
@pytest.mark.parametrize("distro", ["debian-13", "debian-12"])
def test_bootstrap(distro: str, tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]) -> None:
    """Run twice on a live machine; the second run changes nothing. The real `cloud-init schema` reads our user-data."""
    path = profile(distro)
    assert nodebake("render", path, "-o", tmp_path).code == 0
    made = tmp_path / "k8s-node"
    disk = guest.overlay(swap_base(distro), tmp_path / "disk.qcow2")
    files = {"/root/bootstrap.sh": (made / "bootstrap.sh").read_bytes(), "/root/ud": (made / "user-data").read_bytes()}
    script = """cd /root
echo "swap before: $(wc -l </proc/swaps)"
sh bootstrap.sh --dry-run | tail -n 1
echo "swap after a dry run: $(wc -l </proc/swaps)"
sh bootstrap.sh || echo "first run: $?"
sh bootstrap.sh | tail -n 1
cloud-init schema --config-file ud
echo "schema: $?\""""
    told = in_guest(disk, script, files, tmp_path)
    assert "swap before: 2" in told  # the header, and the swap file
    assert "swap after a dry run: 2" in told
    assert any(line.startswith("nodebake: would change") for line in told)
    assert any(line.startswith("nodebake: changed") for line in told), told
    assert any(line.startswith("nodebake: nothing to change") for line in told), told
    assert "schema: 0" in told, told
    verified = nodebake("verify", disk, "--machine", "--profile", path, "--boots", 1)  # the second boot of this disk
    assert verified.code == 0, verified.out
