"""kubelet: what lies on the node, and what its steps look at."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator import data, errors, offline
from generator.model import Edit, Plan
from generator.settings.kubelet import config, source

BASE = 'containerd: {}\nkubelet: {version: "1.34.2"}\n'
STATUS = """\
Package: kubelet
Status: hold ok installed
Architecture: amd64
Version: 1.34.2-1.1

Package: kubeadm
Status: install ok installed
Architecture: amd64
Version: 1.34.20-1.1
"""


def _text(plan: Plan, path: str) -> str:
    return next(file.content.decode() for _, file in plan.files if file.path == path)


def test_the_communitys_repository_is_the_default(planned: Callable[[str], Plan]) -> None:
    lines = _text(planned(BASE), source.SOURCE).splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "Types: deb",
        "URIs: https://pkgs.k8s.io/core:/stable:/v1.34/deb/",
        "Suites: /",
        f"Signed-By: {source.KEYRING} DE15B14486CD377B9E876E1A234654DA9A296436",
    ]


def test_no_revision_stands_anywhere(planned: Callable[[str], Plan]) -> None:
    plan = planned(BASE)
    assert "Pin: version 1.34.2-*\n" in _text(plan, source.PIN)
    assert [step.call for step in plan.steps if step.call[0] == "kubernetes_packages"] == [
        ("kubernetes_packages", source.SOURCE, "1.34.2", "kubelet kubeadm kubectl", "kubernetes-cni")
    ]


def test_the_version_of_the_preset(planned: Callable[[str], Plan]) -> None:
    plan = planned('containerd: {}\nkubernetes: {version: "1.34.2", cni: none}\nkubelet: {}\n')
    assert {expect.want for expect in plan.expects if expect.kind == "package-held"} == {"held, 1.34.2"}


def test_kubelet_alone(planned: Callable[[str], Plan]) -> None:
    """Without kubeadm nobody is there to be asked for a preflight."""
    plan = planned('containerd: {}\nkubelet: {version: "1.34.2", tools: []}\n')
    assert {e.kind for e in plan.expects} & {"package-held", "kubeadm-preflight"} == {"package-held"}
    assert [expect.args for expect in plan.expects if expect.kind == "package-held"] == [("kubelet",)]
    assert "Package: kubelet\n" in _text(plan, source.PIN)


@pytest.mark.parametrize(
    ("more", "driver", "fails"),
    [
        ("", "systemd", None),
        ("swap: disabled\n", "systemd", True),
        ("swap: {mode: limited, size: 1GiB}\n", "systemd", False),
    ],
)
def test_what_kubelet_is_told(planned: Callable[[str], Plan], more: str, driver: str, fails: bool | None) -> None:
    told = yaml.safe_load(_text(planned(BASE + more), config.CONFIG))
    assert (told["cgroupDriver"], told.get("failSwapOn")) == (driver, fails)
    assert told["kind"] == "KubeletConfiguration"


def test_the_cgroup_driver_is_containerds(planned: Callable[[str], Plan]) -> None:
    plan = planned('containerd: {SystemdCgroup: false}\nkubelet: {version: "1.34.2", cgroupDriver: cgroupfs}\n')
    assert yaml.safe_load(_text(plan, config.CONFIG))["cgroupDriver"] == "cgroupfs"


@pytest.mark.parametrize(("version", "alpha"), [("1.28.1", True), ("1.29.14", True), ("1.30.0", False)])
def test_the_folder_was_an_alpha(planned: Callable[[str], Plan], version: str, alpha: bool) -> None:
    plan = planned(f'containerd: {{}}\nkubelet: {{version: "{version}"}}\n')
    assert ("DROPIN_DIR_ALPHA" in _text(plan, config.DROP_IN)) == alpha


@pytest.mark.parametrize(
    ("plugins", "folder"), [("kubernetes-cni", "/opt/cni/bin"), ("containernetworking-plugins", "/usr/lib/cni")]
)
def test_containerd_looks_where_the_plugins_are(planned: Callable[[str], Plan], plugins: str, folder: str) -> None:
    plan = planned(f'containerd: {{}}\nkubelet: {{version: "1.34.2", plugins: {plugins}}}\n')
    assert [expect.want for expect in plan.expects if expect.id == "containerd.bin_dir"] == [folder]
    assert [expect.args for expect in plan.expects if expect.id == "kubelet.plugins"] == [(f"{folder}/loopback",)]
    named = "containernetworking-plugins" in plan.profile.settings["packages"]
    assert named == (plugins != "kubernetes-cni")


def test_what_no_version_follows_from(planned: Callable[[str], Plan]) -> None:
    with pytest.raises(errors.Refused) as refused:
        planned('containerd: {}\nkubernetes: {version: "1.34", cni: none}\nkubelet: {tools: [kubectl]}\n')
    assert [str(one).partition("profile.yaml:")[2] for one in refused.value.findings] == [
        "5:1: kubelet.version: which patch of Kubernetes shall be installed stands nowhere"
        ' (add version: "1.34.2", or the patch to kubernetes)'
    ]


@pytest.fixture
def functions(tmp_path: Path) -> Callable[[str], int]:
    """Runs a function of the steps beside a dpkg of its own; returns its exit code."""
    (tmp_path / "status").write_text(STATUS)

    def run(call: str) -> int:
        texts = [(data.TEMPLATES / f"{stem}/steps.sh").read_text() for stem in ("packages", "kubelet")]
        env = {**os.environ, "DPKG_ADMINDIR": str(tmp_path)}
        return subprocess.run(["sh", "-c", "\n".join((*texts, call))], env=env, check=False).returncode

    return run


@pytest.mark.parametrize(
    ("call", "holds"),
    [
        ("kubernetes_packages_ok source 1.34.2 kubelet", True),
        ("kubernetes_packages_ok source 1.34.2 'kubelet kubeadm'", False),  # 1.34.20 is another version
        ("kubernetes_packages_ok source 1.34.2 kubectl", False),
        ("kubernetes_packages_ok source 1.34.2 kubelet kubernetes-cni", False),
        ("kubernetes_packages_ok source 1.34.20 kubeadm kubelet", True),  # what is beside it may have any version
        ("kubernetes_packages_ok source 1.34 kubelet", False),
        ("kubernetes_held_ok kubelet", True),
        ("kubernetes_held_ok kubelet kubeadm", False),
        ("kubernetes_held_ok kubectl", False),
        ("brought mirror/InRelease", False),
        ("here=$DPKG_ADMINDIR; brought status", True),
        ("here=$DPKG_ADMINDIR; brought mirror", False),
        ("here=; brought etc", False),  # of the root of a machine that runs nothing was brought
    ],
)
def test_what_the_steps_look_at(functions: Callable[[str], int], call: str, holds: bool) -> None:
    assert (functions(call) == 0) == holds


def test_what_goes_wrong_with_the_record_of_dpkg(planned: Callable[[str], Plan]) -> None:
    faults = {fault.id: fault for fault in planned(BASE).faults}
    (free,) = faults["kubelet.kubelet.not-held"].edits
    (other,) = faults["kubelet.kubelet.other-version"].edits
    assert isinstance(free, Edit)
    assert isinstance(other, Edit)
    assert free.amend
    assert other.amend
    assert offline.rewritten(STATUS.encode(), free.amend).decode() == STATUS.replace("hold ok", "install ok")
    changed = offline.rewritten(STATUS.encode(), other.amend).decode()
    assert changed == STATUS.replace("Version: 1.34.2-1.1", "Version: 1.34.20-1.1")
