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
FAULTS = (
    "modules.overlay.forbidden",
    "swap.turned-on",
    "sysctl.net.ipv4.ip_forward.overridden",
)
# What makes a name when it is installed, which an image must not have.
NAMED = "packages: [open-iscsi, nvme-cli]\n"
# The presets of a first boot would enable them.
DISABLED = "services: {apt-daily.timer: disabled, fstrim.timer: disabled}\n"


# Every day one, on the distribution that user-data is not tried on; containerd's boots take twice as long.
@pytest.mark.parametrize(
    ("distro", "shipped"),
    [
        ("debian-13", "k8s-node"),
        pytest.param("debian-12", "k8s-node", marks=pytest.mark.long),
        pytest.param("debian-13", "k8s-containerd", marks=pytest.mark.long),
        pytest.param("debian-12", "k8s-containerd", marks=pytest.mark.long),
    ],
)
def test_golden(
    distro: str, shipped: str, tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]
) -> None:
    path = profile(distro, shipped=shipped)
    path.write_text(path.read_text(encoding="utf-8") + DISABLED, encoding="utf-8")
    image = _built(path, tmp_path, nodebake)
    assert image == tmp_path / shipped / f"{shipped}.qcow2"
    _standalone(image)
    _clean(image, tmp_path)
    before = hashlib.sha256(image.read_bytes()).hexdigest()
    manifest = json.loads((image.parent / "manifest.json").read_text())
    assert manifest["image"]["sha256"] == before

    page = tmp_path / "report.html"
    verified = nodebake("verify", image, "--profile", path, "--format", "json", "--report", page)
    report = json.loads(verified.out)
    assert verified.code == 0, verified.out
    assert report["tested"]["image_sha256"] == before
    assert report["tested"]["base_sha256"] == manifest["image"]["base_sha256"]
    assert not list((image.parent / "logs").glob("verify-2*"))  # nothing failed, so nothing is kept
    told = page.read_text()
    assert 'src="data:image/svg+xml;base64,' in told  # the boot chart
    assert "cloud-init" in told[told.index('id="boot"') :]  # among the slowest units
    assert report["ok"]
    assert {verdict["boot"] for verdict in report["verdicts"]} == {0, 1, 2}
    assert {verdict["status"] for verdict in report["verdicts"]} == {"pass"}
    checks = {verdict["check"] for verdict in report["verdicts"]}
    assert {"hygiene.machine-id", "hygiene.accounts", "hygiene.private-keys"} <= checks
    assert hashlib.sha256(image.read_bytes()).hexdigest() == before


# Beside the golden image, on one of its own: two processes then end together.
@pytest.mark.parametrize(
    ("distro", "shipped", "faults"),
    [
        ("debian-13", "k8s-node", FAULTS),
        pytest.param("debian-12", "k8s-node", (*FAULTS, "hygiene.proxies.kept"), marks=pytest.mark.long),
        pytest.param("debian-13", "k8s-containerd", (NO_OVERLAY,), marks=pytest.mark.long),
    ],
)
def test_proven(
    distro: str,
    shipped: str,
    faults: Sequence[str],
    tmp_path: Path,
    nodebake: Callable[..., Ran],
    profile: Callable[..., Path],
) -> None:
    """Faults seeded into copies of the image turn red what they shall, and a second run boots none of them again."""
    path = profile(distro, shipped=shipped)
    image = _built(path, tmp_path, nodebake)
    before = hashlib.sha256(image.read_bytes()).hexdigest()
    for known in (False, True):
        proved = nodebake("prove", image, "--profile", path, "--jobs", 1, "--format", "json", "--only", *faults)
        assert proved.code == 0, proved.out
        proof = json.loads(proved.out)
        assert (proof["faults"], proof["killed"]) == (len(faults), len(faults))
        assert {trial["known"] for trial in proof["trials"]} == {known}
        for trial in proof["trials"]:
            assert trial["red"], trial
            assert trial["red"] == trial["predicted"], trial
    assert hashlib.sha256(image.read_bytes()).hexdigest() == before
    found = {trial["fault"]: trial["found"] for trial in proof["trials"]}
    if NO_OVERLAY in found:
        said = found[NO_OVERLAY]["containerd.container"]
        assert "/etc/modprobe.d/hardening.conf:1:install overlay /bin/false" in said
    if "modules.overlay.forbidden" in found:
        assert "/etc/modprobe.d/" in found["modules.overlay.forbidden"]["modules.overlay.loaded"]


@pytest.mark.long
def test_clones(tmp_path: Path, nodebake: Callable[..., Ran], profile: Callable[..., Path]) -> None:
    """Two machines from one image, side by side on one network: nobody takes them for one another."""
    path = profile("debian-13")
    path.write_text(path.read_text(encoding="utf-8") + DISABLED + NAMED, encoding="utf-8")
    built = nodebake("build", path, "-o", tmp_path)
    assert built.code == 0
    verified = nodebake("verify", built.out.strip(), "--profile", path, "--clones", "--format", "json")
    assert verified.code == 0, verified.out
    checks = {verdict["check"] for verdict in json.loads(verified.out)["verdicts"]}
    assert {"clones.machine-id", "clones.host-keys", "clones.lease", "clones.disabled-units"} <= checks
    assert {"clones.initiatorname", "clones.hostnqn.kept", "hygiene.storage-names.hostid"} <= checks


@pytest.mark.long
@pytest.mark.parametrize(
    ("distro", "without", "red", "cause"),
    [
        ("debian-13", "- overlay", ["modules.overlay"], "nothing forbids it: no file in modules-load.d lists it"),
        (
            "debian-13",
            "net.bridge.bridge-nf-call-iptables",
            ["sysctl.net.bridge.bridge-nf-call-iptables"],
            "no file in sysctl.d sets it",
        ),
        ("debian-12", "swap: disabled", ["swap"], "swapfile.swap turned on /swapfile, by /etc/fstab"),
    ],
)
def test_one_setting_removed(
    distro: str,
    without: str,
    red: list[str],
    cause: str,
    tmp_path: Path,
    nodebake: Callable[..., Ran],
    profile: Callable[..., Path],
) -> None:
    """An image without one setting is red for exactly that setting, in the profile that has it; and it is told why."""
    image = _built(profile(distro, without), tmp_path, nodebake)
    whole = profile(distro)
    verified = nodebake("verify", image, "--profile", whole, "--boots", 1, "--format", "json")
    assert verified.code == 1, verified.out
    assert failed_settings(verified.out) == red
    report = json.loads(verified.out)
    failed = [verdict for verdict in report["verdicts"] if verdict["status"] == "fail"]
    assert all(verdict["causes"] and verdict["breaks"] for verdict in failed)
    assert any(told.startswith(cause) for verdict in failed for told in verdict["causes"]), failed
    assert f"nodebake: what the guest told is kept in {report['bundle']}\n" in verified.err
    _kept(Path(report["bundle"]), image)


def _kept(bundle: Path, image: Path) -> None:
    """All that the guest told lies beside the image, for its owner alone."""
    assert bundle.parent == image.parent / "logs"
    found = {str(path.relative_to(bundle)): path for path in bundle.rglob("*") if path.is_file()}
    words = {
        "boot1/console.log": "Linux version",
        "boot1/observations.jsonl": '"done"',
        "boot1/journal.txt": "systemd[1]: ",
        "boot1/blame.txt": "cloud-init",
        "boot1/plot.svg": "</svg>",
        "boot1/sysctl.txt": "net.ipv4.ip_forward = 1",
        "report.html": "What failed",
        "report.json": '"ok": false',
        "report.xml": "<failure",
    }
    assert {name: word in found[name].read_text(errors="replace") for name, word in words.items()} == dict.fromkeys(
        words, True
    )
    assert {path.stat().st_mode & 0o777 for path in found.values()} == {0o600}
    assert bundle.stat().st_mode & 0o777 == 0o700
    assert "tcp_fastopen_key" not in found["boot1/sysctl.txt"].read_text()


def _built(path: Path, work: Path, nodebake: Callable[..., Ran]) -> Path:
    """The image of a profile, on a base that has swap on."""
    built = nodebake("build", path, "-o", work, "--variant", "swap")
    assert built.code == 0
    return Path(built.out.strip())


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
    if "containerd" in image.stem:
        assert "io.containerd.metadata.v1.bolt" in names["/var/lib/containerd"]
        assert "uuid" not in names["/var/lib/containerd/io.containerd.grpc.v1.introspection"]
    assert names["/var/cache/apt"] <= {".", "..", "archives"}
    assert names["/var/cache/apt/archives"] <= {".", "..", "partial", "lock"}
    assert not [name for name in names["/var/log"] if name.endswith(".log")]
    assert not [name for name in names["/tmp"] | names["/var/tmp"] if "nodebake" in name or "packer" in name]
    assert "swapfile" not in debugfs("ls -p /")
    assert "swap" not in debugfs("cat /etc/fstab")
    raw.unlink()
