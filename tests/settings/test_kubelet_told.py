"""kubelet: what the node is asked, and how what it tells is judged."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator import checks
from generator.model import Edit, Observation, Plan
from generator.settings.kubelet import source

BASE = 'containerd: {}\nkubelet: {version: "1.34.2"}\n'
DRIVER = (
    b"== /etc/kubernetes/kubelet.conf.d/10-nodebake.conf\n# why\nkind: KubeletConfiguration\ncgroupDriver: systemd\n"
)
LATER = b"== /etc/kubernetes/kubelet.conf.d/99.conf\ncgroupDriver: cgroupfs\n"
STARTS = (
    b"\n=> unit\n# /usr/lib/systemd/system/kubelet.service\n[Service]\nExecStart=/usr/bin/kubelet\n\n"
    b"# /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf\n# a comment\n[Service]\n"
    b'Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"\nEnvironmentFile=-/etc/default/kubelet\n'
    b"ExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_EXTRA_ARGS\n\n"
)
OURS = (
    b"# /etc/systemd/system/kubelet.service.d/15-nodebake.conf\n[Service]\n"
    b'Environment="KUBELET_CONFIG_ARGS=--config=/x --config-dir=/etc/kubernetes/kubelet.conf.d"\n'
)
FLAG = (
    b"\n# /etc/systemd/system/kubelet.service.d/20-later.conf\n[Service]\n"
    b"ExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS --cgroup-driver=cgroupfs\n"
)
LABELS = b"\n=> /etc/default/kubelet\nKUBELET_EXTRA_ARGS=--node-labels=a=b\n"
ROW = b"REF TYPE DIGEST STATUS SIZE UNPACKED\n%b application/x+json sha256:0 %b (2/2) 1.2 KiB/1.2 KiB %b\n"
NAME = b"nodebake.invalid/pause:1"
# What kubeadm 1.35.4 prints: of the verification all that it looked at, in colours; then warnings; then errors.
FATAL = b"""\
[preflight] Running pre-flight checks
[preflight] The system verification failed. Printing the output from the verification:
\x1b[0;37mKERNEL_VERSION\x1b[0m: \x1b[0;32m6.12.118+deb13-cloud-amd64\x1b[0m
\x1b[0;37mCGROUPS_CPU\x1b[0m: \x1b[0;32menabled\x1b[0m
\t[WARNING Mem]: the system RAM (958 MB) is less than the minimum 1700 MB
\t[WARNING Service-kubelet]: kubelet service is not enabled, please run 'systemctl enable kubelet.service'
[preflight] Some fatal errors occurred:
\t[ERROR FileExisting-losetup]: losetup not found in system path
\t[ERROR CRI]: could not connect to the container runtime: dial unix /run/containerd/containerd.sock: no such file
[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`
error: error execution phase preflight: preflight checks failed
To see the stack trace of this error execute with --v=5 or higher
"""
SAID = [
    ("version.held", 0, b"hold installed 1.34.2-1.1", True, "held, 1.34.2"),
    ("version.held", 0, b"hold installed 1.34.2-2.1", True, "held, 1.34.2"),
    ("version.held", 0, b"install installed 1.34.2-1.1", False, "not held, 1.34.2 (1.34.2-1.1)"),
    ("version.held", 0, b"hold installed 1.34.20-1.1", False, "held, 1.34.20 (1.34.20-1.1)"),
    ("version.held", 0, b"hold half-configured 1.34.2-1.1", False, "half-configured"),
    ("version.held", 0, b"", False, "not installed"),
    ("version.held", 1, b"dpkg-query: no packages found matching kubelet\n", False, "not installed"),
    ("repository.key", 0, b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n...", True, "a public key"),
    ("repository.key", 0, b"", False, "no public key"),
    ("repository.key", 1, b"cat: x: No such file or directory\n", False, "cat failed with exit code 1"),
    ("cgroupDriver", 0, DRIVER, True, "systemd, out of /etc/kubernetes/kubelet.conf.d/10-nodebake.conf"),
    ("cgroupDriver", 0, DRIVER + LATER, False, "cgroupfs, out of /etc/kubernetes/kubelet.conf.d/99.conf"),
    ("cgroupDriver", 0, DRIVER + b"== /x.conf\n: no: yaml: [\n", True, "systemd, out of"),
    ("cgroupDriver", 0, DRIVER + STARTS + OURS, True, "systemd, out of"),
    ("cgroupDriver", 0, DRIVER + STARTS + OURS + LABELS, True, "systemd, out of"),
    ("cgroupDriver", 0, DRIVER + STARTS + OURS + FLAG + LABELS, False, "cgroupfs, by --cgroup-driver of /etc/systemd"),
    (
        "cgroupDriver",
        0,
        DRIVER + STARTS + OURS + LABELS.replace(b"--node-labels=a=b", b"'--cgroup-driver cgroupfs'"),
        False,
        "cgroupfs, by --cgroup-driver of /etc/default/kubelet",
    ),
    (
        "cgroupDriver",
        0,
        LATER + STARTS + OURS + FLAG.replace(b"cgroupfs", b"systemd"),
        True,
        "systemd, by --cgroup-driver",
    ),
    (
        "cgroupDriver",
        0,
        DRIVER + STARTS,
        False,
        "nothing: with /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
    ),
    ("cgroupDriver", 0, DRIVER + STARTS[:72], True, "systemd, out of"),  # kubelet alone: whoever starts it, tells it
    ("cgroupDriver", 0, DRIVER + b"\n=> unit\n# Unit kubelet.service is masked.\n", True, "systemd, out of"),
    ("cgroupDriver", 0, b"", False, "nothing"),
    ("cgroupDriver", 1, b"cat: '*.conf': No such file\n", False, "sh failed"),
    ("enabled", 0, b"enabled\n", True, "enabled"),
    ("enabled", 1, b"disabled\n", False, "disabled"),
    ("enabled", 1, b"masked\n", False, "masked"),
    ("plugins", 0, b'{"cniVersion":"1.1.0","supportedVersions":["1.0.0"]}', True, "it answers"),
    ("plugins", 0, b"hello\n", False, "it is no CNI plugin"),
    ("plugins", 127, b"env: '/opt/cni/bin/loopback': No such file or directory\n", False, "env failed"),
    ("images.nodebake.invalid/pause:1", 0, ROW % (NAME, b"complete", b"true"), True, "whole, unpacked"),
    ("images.nodebake.invalid/pause:1", 0, ROW % (NAME, b"incomplete", b"false"), False, "not whole, not unpacked"),
    ("images.nodebake.invalid/pause:1", 0, ROW % (NAME, b"complete", b"false"), False, "whole, not unpacked"),
    ("images.nodebake.invalid/pause:1", 0, ROW % (NAME + b"0", b"complete", b"true"), False, "containerd has no such"),
    ("images.nodebake.invalid/pause:1", 1, b"ctr: cannot dial\n", False, "ctr failed with exit code 1"),
    ("preflight", 0, b"[preflight] Running pre-flight checks\n", True, "no error"),
    ("preflight", 0, b"\t[WARNING Swap]: x\n\t[WARNING Mem]: 958 MB\n", True, "no error; warnings: Mem, Swap"),
    ("preflight", 1, FATAL, False, "FileExisting-losetup: losetup not found in system path; CRI: could not connect"),
    ("preflight", 1, b"couldn't parse the configuration\n", False, "sh failed with exit code 1: couldn't parse"),
    ("preflight", 127, b"preflight.sh: kubeadm: not found\n", False, "sh failed with exit code 127"),
    ("preflight", 0, b"this node has joined a cluster\n", True, "not asked: this node has joined a cluster"),
]


@pytest.mark.parametrize(("name", "code", "out", "holds", "found"), SAID)
def test_judge(planned: Callable[[str], Plan], name: str, code: int, out: bytes, holds: bool, found: str) -> None:
    image = f'{{name: {NAME.decode()}, archive: /x.tar, sha256: "{"0" * 64}"}}'
    plan = planned(f'containerd: {{}}\nkubelet: {{version: "1.34.2", images: [{image}]}}\n')
    expect = next(expect for expect in plan.expects if expect.id == f"kubelet.{name}")
    held, told = checks.judge(expect, Observation(checks.command(expect)[:1], code, out))
    assert (held, told.startswith(found)) == (holds, True), told


def test_what_of_preflight_does_not_count_is_named_and_explained() -> None:
    ignored = source.community()["ignored"]
    assert set(ignored) == {"NumCPU", "Mem"}
    assert all(len(why.split()) > 5 for why in ignored.values())


@pytest.mark.parametrize(
    ("version", "families", "api", "subnets", "program"),
    [
        ("1.35.4", "[ipv4]", "v1beta4", "10.244.0.0/16", "/usr/sbin/losetup"),
        ("1.31.0", "[ipv4, ipv6]", "v1beta4", "10.244.0.0/16,fd00:10:244::/56", "/usr/bin/nsenter"),
        ("1.30.1", "[ipv6]", "v1beta3", "fd00:10:244::/56", "/usr/bin/nsenter"),
    ],
)
def test_what_kubeadm_is_asked(
    planned: Callable[[str], Plan], version: str, families: str, api: str, subnets: str, program: str
) -> None:
    preset = f'kubernetes: {{version: "{version}", cni: none, ip: {families}}}\n'
    plan = planned(f"containerd: {{}}\n{preset}kubelet: {{}}\n")
    (expect,) = (expect for expect in plan.expects if expect.kind == "kubeadm-preflight")
    assert expect.args == (f"v{version}", api, "NumCPU,Mem", subnets)
    assert [fault.edits for fault in plan.faults if fault.id == "kubelet.preflight.program"] == [(Edit(program, None),)]


def test_preflight_asks_kubeadm_and_leaves_nothing(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    """A kubeadm that tells what it was given, in the place of the real one."""
    (expect,) = (expect for expect in planned(BASE).expects if expect.kind == "kubeadm-preflight")
    kubeadm = tmp_path / "kubeadm"
    kubeadm.write_text('#!/bin/sh\necho "$*"; ls -d "$KUBEADM_INIT_DRYRUN_DIR"; cat\n')
    kubeadm.chmod(0o755)
    _, _, script, *arguments = checks.command(expect)
    ours = script.replace('PATH="/usr', f'PATH="{tmp_path}:/usr').replace("/run/", f"{tmp_path}/")
    told = subprocess.run(["sh", "-c", ours, *arguments], capture_output=True, text=True, check=True).stdout
    command, folder, *documents = told.splitlines()
    assert command == ("init phase preflight --dry-run --ignore-preflight-errors=NumCPU,Mem --config /dev/stdin")
    assert folder.startswith(f"{tmp_path}/nodebake-preflight.")
    assert not Path(folder).exists()
    init, cluster = yaml.safe_load_all("\n".join(documents))
    assert (init["kind"], cluster["kubernetesVersion"]) == ("InitConfiguration", "v1.34.2")
    assert json.dumps(cluster["networking"]) == '{"podSubnet": "10.244.0.0/16"}'


def test_what_kubelet_is_told_is_looked_for_in_its_unit_too(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    """The real script, with a systemctl that has a unit, and a file of variables that is there."""
    (expect,) = (one for one in planned(BASE).expects if one.kind == "kubelet-says")
    for name, text in (("10.conf", DRIVER.partition(b"\n")[2]), ("variables", LABELS.partition(b"kubelet\n")[2])):
        (tmp_path / name).write_bytes(text)
    unit = (STARTS + OURS).partition(b"unit\n")[2].replace(b"-/etc/default/kubelet", f"-{tmp_path}/variables".encode())
    (tmp_path / "unit").write_bytes(unit)
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f'#!/bin/sh\n[ "$*" = "--no-pager cat -- kubelet.service" ] && cat {tmp_path}/unit\n')
    systemctl.chmod(0o755)
    _, _, script, *arguments = checks.command(expect)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = script.replace("/etc/kubernetes/kubelet.conf.d", str(tmp_path))
    told = subprocess.run(["sh", "-c", script, *arguments], capture_output=True, check=True, env=env).stdout
    assert told.endswith(f"\n=> {tmp_path}/variables\nKUBELET_EXTRA_ARGS=--node-labels=a=b\n".encode())
    held, found = checks.judge(expect, Observation(("sh",), 0, told))
    assert (held, found) == (True, f"systemd, out of {tmp_path}/10.conf")
    systemctl.write_text("#!/bin/sh\nexit 1\n")  # there is no such unit
    told = subprocess.run(["sh", "-c", script, *arguments], capture_output=True, check=True, env=env).stdout
    assert b"=> " not in told
