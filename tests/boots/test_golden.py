"""The whole road: profile, base, Packer, image, two boots, verdict. On bases that have swap on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from generator import proc
from tests.boots.conftest import Ran, failed_settings

pytestmark = pytest.mark.boots


NO_OVERLAY = "containerd.overlay.refused"
FAULTS = {
    "debian-13": (NO_OVERLAY, "swap.turned-on", "sysctl.net.ipv4.ip_forward.overridden"),
    "debian-12": (NO_OVERLAY,),
}
CLONES = {"debian-13": ["--clones"], "debian-12": []}
# The presets of a first boot would enable them.
DISABLED = "services: {apt-daily.timer: disabled, fstrim.timer: disabled}\n"


@pytest.mark.parametrize("distro", FAULTS)
def test_golden(distro: str, tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]) -> None:
    path = profile(distro, shipped="k8s-containerd")
    path.write_text(path.read_text(encoding="utf-8") + DISABLED, encoding="utf-8")
    built = nodebake("build", path, "-o", tmp_path, "--variant", "swap")
    assert built.code == 0
    image = Path(built.out.strip())
    assert image == tmp_path / "k8s-containerd" / "k8s-containerd.qcow2"
    _standalone(image)
    _clean(image, tmp_path)
    before = hashlib.sha256(image.read_bytes()).hexdigest()
    manifest = json.loads((image.parent / "manifest.json").read_text())
    assert manifest["image"]["sha256"] == before

    verified = nodebake("verify", image, "--profile", path, "--format", "json", *CLONES[distro])
    report = json.loads(verified.out)
    assert verified.code == 0, verified.out
    assert report["ok"]
    assert {verdict["boot"] for verdict in report["verdicts"]} == {0, 1, 2}
    assert {verdict["status"] for verdict in report["verdicts"]} == {"pass"}
    checks = {verdict["check"] for verdict in report["verdicts"]}
    assert {"hygiene.machine-id", "hygiene.accounts", "hygiene.sudoers"} <= checks
    assert ({"clones.machine-id", "clones.lease", "clones.disabled-units"} <= checks) == bool(CLONES[distro])
    _proven(image, path, FAULTS[distro], nodebake)
    assert hashlib.sha256(image.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("without", "red"),
    [
        ("- overlay", ["modules.overlay"]),
        ("net.bridge.bridge-nf-call-iptables", ["sysctl.net.bridge.bridge-nf-call-iptables"]),
        ("swap: disabled", ["swap"]),
    ],
)
def test_one_setting_removed(
    without: str, red: list[str], tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]
) -> None:
    """An image without one setting is red for exactly that setting, in the profile that has it."""
    built = nodebake("build", profile("debian-13", without), "-o", tmp_path, "--variant", "swap")
    assert built.code == 0
    whole = profile("debian-13")
    verified = nodebake("verify", built.out.strip(), "--profile", whole, "--boots", 1, "--format", "json")
    assert verified.code == 1, verified.out
    assert failed_settings(verified.out) == red


def _proven(image: Path, path: Path, faults: Sequence[str], nodebake: Callable[..., Ran]) -> None:
    """Faults seeded into copies of the image turn red what they shall, and a second run boots none of them again."""
    for known in (False, True):
        proved = nodebake("prove", image, "--profile", path, "--jobs", 1, "--format", "json", "--only", *faults)
        assert proved.code == 0, proved.out
        proof = json.loads(proved.out)
        assert (proof["faults"], proof["killed"]) == (len(faults), len(faults))
        assert {trial["known"] for trial in proof["trials"]} == {known}
        for trial in proof["trials"]:
            assert trial["red"], trial
            assert trial["red"] == trial["predicted"], trial
    found = next(trial for trial in proof["trials"] if trial["fault"] == NO_OVERLAY)["found"]
    assert "/etc/modprobe.d/hardening.conf:1:install overlay /bin/false" in found["containerd.container"], found


def _standalone(image: Path) -> None:
    assert "backing-filename" not in json.loads(proc.run(["qemu-img", "info", "--output=json", image]))
    proc.run(["qemu-img", "check", "-f", "qcow2", image])


def _clean(image: Path, work: Path) -> None:
    """Nothing of the build is in the image, beside what the setting hygiene looks for: read off the raw disk, too."""
    raw = work / "raw"
    proc.run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", image, raw])
    table = json.loads(proc.run(["sfdisk", "-J", raw]))
    start = max(part["start"] for part in table["partitiontable"]["partitions"]) * 512

    def debugfs(command: str) -> str:
        told = proc.run(["debugfs", "-R", command, f"{raw}?offset={start}"])
        return "\n".join(line for line in told.splitlines() if not line.startswith("debugfs 1."))  # its stderr

    names = {
        folder: {line.split("/")[5] for line in debugfs(f"ls -p {folder}").splitlines() if line.count("/") > 5}
        for folder in (
            "/root",
            "/root/.ssh",
            "/home",
            "/var/lib/cloud",
            "/var/lib/apt/lists",
            "/var/lib/containerd",
            "/var/lib/containerd/io.containerd.grpc.v1.introspection",
            "/var/cache/apt",
            "/var/cache/apt/archives",
            "/var/log",
            "/tmp",
            "/var/tmp",
        )
    }
    assert names["/root"] <= {".", "..", ".bashrc", ".profile", ".ssh"}
    assert names["/root/.ssh"] <= {".", ".."}  # systemd's provision.conf makes the folder at every boot
    assert names["/home"] == {".", ".."}
    assert names["/var/lib/cloud"] <= {".", ".."}
    assert names["/var/lib/apt/lists"] <= {".", "..", "partial", "auxfiles", "lock"}
    assert "io.containerd.metadata.v1.bolt" in names["/var/lib/containerd"]
    assert "uuid" not in names["/var/lib/containerd/io.containerd.grpc.v1.introspection"]
    assert names["/var/cache/apt"] <= {".", "..", "archives"}
    assert names["/var/cache/apt/archives"] <= {".", "..", "partial", "lock"}
    assert not [name for name in names["/var/log"] if name.endswith(".log")]
    assert not [name for name in names["/tmp"] | names["/var/tmp"] if "nodebake" in name or "packer" in name]
    assert "swapfile" not in debugfs("ls -p /")
    assert "swap" not in debugfs("cat /etc/fstab")
    raw.unlink()
