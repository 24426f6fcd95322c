"""The real kubelet and kubeadm, from a repository of this host that is signed for it: baked, verified, and broken."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boots.conftest import Ran
from tests.conftest import ROOT
from tests.kubernetes import real

pytestmark = [pytest.mark.boots, pytest.mark.long]

FAULTS = (
    "kubelet.images.lost",
    "kubelet.kubelet.not-held",
    "kubelet.preflight.program",
    "sysctl.net.ipv4.ip_forward.overridden",
)


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
    told = json.loads((image.parent / "manifest.json").read_text())["image"]
    release = (tmp_path / "mirror/InRelease").read_bytes()
    assert told["kubernetes_inrelease_sha256"] == hashlib.sha256(release).hexdigest()

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
