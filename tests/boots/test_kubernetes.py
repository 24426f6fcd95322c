"""The real kubelet and kubeadm, from a repository of this host that is signed for it: baked, verified, and broken."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import base, data, guest
from tests.boots.conftest import Ran
from tests.conftest import ROOT
from tests.kubernetes import archive, real
from tests.zoo import told

pytestmark = [pytest.mark.boots, pytest.mark.long]

FAULTS = (
    "kubelet.images.lost",
    "kubelet.kubelet.not-held",
    "kubelet.preflight.program",
    "sysctl.net.ipv4.ip_forward.overridden",
)


# 10.0.2.2 is this host to a guest of QEMU's.
_LIVE = """\
kubernetes: {{version: "{version}", cni: none}}
containerd: {{}}
kubelet:
  plugins: containernetworking-plugins
  repository: {{url: "http://10.0.2.2:{port}", fingerprint: "{fingerprint}"}}
base: debian-12
"""


@pytest.fixture(scope="session")
def kubernetes() -> Path:
    """The folder with the programs, built from their Go modules where they are not yet."""
    built = subprocess.run([ROOT / "scripts/kubernetes-build"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(built.stdout.strip())


def test_kubernetes_agrees(kubernetes: Path, tmp_path: Path, nodebake: Callable[..., Ran]) -> None:
    """No repository but that of this host is asked for them; kubeadm's preflight is one of the checks, and can fail."""
    path = real.profile(kubernetes, tmp_path)
    built = nodebake("build", path, "-o", tmp_path)
    assert built.code == 0
    image = Path(built.out.strip())
    made = json.loads((image.parent / "manifest.json").read_text())["image"]
    release = (tmp_path / "mirror/InRelease").read_bytes()
    assert made["kubernetes_inrelease_sha256"] == hashlib.sha256(release).hexdigest()
    layer, last = (image.parent / "logs" / name for name in ("packages/packer.log", "packer.log"))
    assert "doing    install Kubernetes 1.35.4" in layer.read_text()
    assert "ok       install Kubernetes 1.35.4" in last.read_text()

    verified = nodebake("verify", image, "--profile", path, "--format", "json")
    assert verified.code == 0, verified.out
    found = {(row["check"], row["boot"]): row["found"] for row in json.loads(verified.out)["verdicts"]}
    assert found["kubelet.preflight", 1].startswith("no error; warnings: ")
    assert found["kubelet.version.held", 2] == "held, 1.35.4"

    proved = nodebake("prove", image, "--profile", path, "--jobs", 2, "--format", "json", "--only", *FAULTS)
    assert proved.code == 0, proved.out
    trials = json.loads(proved.out)["trials"]
    assert {trial["fault"] for trial in trials} == set(FAULTS)
    assert all(trial["red"] == trial["predicted"] for trial in trials), trials


def test_a_machine_that_runs(kubernetes: Path, tmp_path: Path) -> None:
    """By bootstrap.sh, from a repository on the network, on the Debian whose apt asks gpgv and not sqv."""
    folder, fingerprint = real.published(kubernetes, tmp_path / "repository")
    with archive.served(folder) as port:
        plan = told.planned(
            _LIVE.format(version=real.version(kubernetes), port=port, fingerprint=fingerprint), tmp_path
        )
        disk = guest.overlay(base.obtain("debian-12").path, tmp_path / "disk.qcow2")
        machine = guest.Machine(disk=disk, cpus=data.guest_cpus(), net="user")
        script = told.bootstrapped(plan, ("first run", "second run")) + told.observed(plan)
        lines = guest.ask(machine, tmp_path / "console.log", script, limits=guest.Limits(cpu=1800)).lines
    seen = told.sections([line.decode("utf-8", "replace") for line in lines])
    assert seen["first run"][-1].startswith("nodebake: changed"), seen["first run"]
    assert seen["second run"][-1].startswith("nodebake: nothing to change"), seen["second run"]
    verdicts = told.verdicts(plan, seen)
    assert {one.expect.id: one.found for one in verdicts if one.status != "pass"} == {}
    found = {one.expect.id: one.found for one in verdicts}
    assert found["kubelet.version.held"] == "held, 1.35.4"
    assert found["kubelet.preflight"].startswith("no error; warnings: ")


def test_a_mirror_that_somebody_changed_is_never_booted(
    kubernetes: Path, tmp_path: Path, nodebake: Callable[..., Ran]
) -> None:
    path = real.profile(kubernetes, tmp_path)
    with (tmp_path / "mirror/Packages").open("a") as listing:
        listing.write("\n")
    built = nodebake("build", path, "-o", tmp_path)
    assert built.code == 2
    assert "mirror/Packages is not what the signed InRelease vouches for (copy it anew)" in built.err
    assert not (tmp_path / real.NAME / f"{real.NAME}.qcow2").exists()
