"""A golden image with the real kubelet, kubeadm and kubectl, from a repository that is made and signed for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from generator import plan as planning
from generator.model import Plan
from tests.conftest import ROOT
from tests.kubernetes import archive, container

NAME = "kubernetes-real"
PROGRAMS = ("kubelet", "kubeadm", "kubectl")
PAUSE, SAYS = "nodebake.invalid/pause:1", "nodebake.invalid/says:1"
WORD = b"nodebake: this pod runs\n"
_PROFILE = """\
apiVersion: nodebake/v1
name: {name}
base: debian-13
kubernetes: {{version: "{version}", cni: none}}
modules: [br_netfilter]
sysctl: {{net.bridge.bridge-nf-call-iptables: 1}}
containerd: {{sandbox_image: "{pause}"}}
kubelet:
  tools: [{tools}]
  plugins: containernetworking-plugins
  repository: {{fingerprint: "{fingerprint}", mirror: {mirror}}}
  images:
    - {{name: "{pause}", archive: {folder}/pause.tar, sha256: "{pause_sha256}"}}
    - {{name: "{says}", archive: {folder}/says.tar, sha256: "{says_sha256}"}}
"""


def published(kubernetes: Path, work: Path) -> tuple[Path, str]:
    """A repository of the programs kubelet, kubeadm and kubectl, those that the folder has: (folder, fingerprint)."""
    work.mkdir(parents=True, exist_ok=True)
    programs = {name: (kubernetes / name).read_bytes() for name in PROGRAMS if (kubernetes / name).exists()}
    with archive.key() as key:
        return archive.publish(work / "mirror", archive.kubernetes(version(kubernetes), programs), key), key.fingerprint


def profile(kubernetes: Path, work: Path) -> Path:
    """The profile of the image, with all that it names; what is there already is left as it is."""
    path = work / "profile.yaml"
    if path.exists():
        return path
    mirror, fingerprint = published(kubernetes, work)
    text = _PROFILE.format(
        name=NAME,
        version=version(kubernetes),
        tools=", ".join(name for name in PROGRAMS[1:] if (kubernetes / name).exists()),
        fingerprint=fingerprint,
        mirror=mirror.resolve(),
        folder=work.resolve(),
        pause=PAUSE,
        says=SAYS,
        pause_sha256=container.archive(work / "pause.tar", PAUSE),
        says_sha256=container.archive(work / "says.tar", SAYS, WORD),
    )
    path.write_text(text, encoding="utf-8")
    return path


def image(path: Path, work: Path) -> Path:
    """The image of the profile, built where there is none."""
    made = work / NAME / f"{NAME}.qcow2"
    if not made.exists():
        argv = [sys.executable, "-m", "generator", "build", path.resolve(), "-o", work.resolve()]
        subprocess.run(argv, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return made


def planned(path: Path) -> Plan:
    return planning.load(str(path))


def version(kubernetes: Path) -> str:
    """Of `Kubernetes v1.35.4`."""
    told = subprocess.run([kubernetes / "kubelet", "--version"], check=True, capture_output=True, text=True)
    return told.stdout.strip().rpartition("v")[2]
