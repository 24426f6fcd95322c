"""Swap and modules in real machines: every source of swap off, limited swap on, and what keeps a module away named."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import base, data, guest
from generator.model import Verdict
from tests.zoo import run, told

pytestmark = pytest.mark.boots
MODULES = ["overlay", "br_netfilter", "dummy"]
SABOTAGE = """\
printf '# CIS 1.1.1\\ninstall overlay /bin/false\\n' >/etc/modprobe.d/cis.conf
echo 'blacklist br_netfilter' >/etc/modprobe.d/no-bridges.conf
rm /lib/modules/*/kernel/drivers/net/dummy.ko*"""


@pytest.mark.long
def test_every_source_of_swap(tmp_path: Path) -> None:
    """But for those that are packages, and for the other distribution: scripts/swap-zoo writes docs/swap.md of them."""
    outcome = run.run("zoo", "debian-13", tmp_path, packaged=False)
    assert outcome.problems == []
    assert len(outcome.on) > 12


@pytest.mark.long
@pytest.mark.parametrize(("distro", "device"), [("debian-13", "file"), ("debian-12", "zram")])
def test_limited_swap_and_modules(distro: str, device: str, tmp_path: Path) -> None:
    """On after bootstrap.sh and after a reboot; then three modules are kept away, each in another way."""
    disk = guest.overlay(base.obtain(distro, variant="swap").path, tmp_path / "disk.qcow2")
    settings = f"modules: [{', '.join(MODULES)}]\nswap: {{mode: limited, size: 128MiB, device: {device}}}\n"
    plan = told.planned(settings, tmp_path)

    def boot(script: str) -> told.Told:
        machine = guest.Machine(disk=disk, cpus=data.guest_cpus())
        lines = guest.ask(machine, tmp_path / "console.log", script, then="powerdown").lines
        return told.sections([line.decode("utf-8", "replace") for line in lines])

    live = boot(told.bootstrapped(plan) + told.observed(plan))
    assert told.runs_wrong(live) == []
    assert _red(told.verdicts(plan, live)) == {}
    again = told.bootstrapped(plan, ("second run",))
    rebooted = boot(told.observed(plan) + told.section("sabotage", SABOTAGE) + again)
    assert _red(told.verdicts(plan, rebooted)) == {}
    assert any("/etc/modprobe.d/cis.conf:2: install overlay /bin/false" in line for line in rebooted["second run"])
    assert rebooted["second run"][-1] == "exit code 1"
    red = _red(told.verdicts(plan, boot(told.observed(plan))))
    named = {f"modules.{name}.{what}" for name in MODULES for what in ("loaded", "loadable")}
    assert set(red) == named | {"modules.overlay.stacked", "modules.dummy.link"}
    assert red["modules.overlay.loaded"] == "not loaded: /etc/modprobe.d/cis.conf:2: install overlay /bin/false"
    assert red["modules.br_netfilter.loaded"] == "not loaded: /etc/modprobe.d/no-bridges.conf:1: blacklist br_netfilter"
    assert red["modules.dummy.loaded"].startswith("not loaded: /lib/modules/")
    assert "dummy.ko" in red["modules.dummy.loaded"]
    assert "package linux-image-" in red["modules.dummy.loaded"]


def _red(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    return {verdict.expect.id: verdict.found for verdict in verdicts if verdict.status != "pass"}
