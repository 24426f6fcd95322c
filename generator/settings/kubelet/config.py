"""What kubelet is told: a KubeletConfiguration merged over kubeadm's, and a drop-in for its unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator import render
from generator.facts.versions import Version
from generator.model import File
from generator.reasons import reason
from generator.settings import Context, kubernetes
from generator.settings.containerd import config as containerd
from generator.settings.kubelet import source
from generator.settings.swap import limited

FOLDER = limited.FOLDER  # kubelet reads one folder, and limited swap has a file there, too
CONFIG = f"{FOLDER}/10-nodebake.conf"
UNIT = "kubelet.service"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/15-nodebake.conf"  # after kubeadm's 10-, before 20- of limited swap
KUBEADMS = "/var/lib/kubelet/config.yaml"
OLDEST = Version(1, 28)  # --config-dir: kubernetes/kubernetes PR 119390, an alpha until 1.30


def driver(context: Context) -> str:
    """The cgroup driver that containerd has."""
    fields = {**containerd.DEFAULTS, **context.profile.settings.get("containerd", {})}
    return "systemd" if fields["SystemdCgroup"] else "cgroupfs"


def fields(context: Context) -> Mapping[str, bool | str]:
    """What kubelet shall have: whether it stops where swap is on is not said where the profile says nothing of swap."""
    mode = kubernetes.swap_mode(context.profile)
    return {"cgroupDriver": driver(context), **({"failSwapOn": mode == "disabled"} if mode else {})}


def told() -> str:
    """Of the drop-in what stands in kubelet's command line."""
    return f'[Service]\nEnvironment="KUBELET_CONFIG_ARGS=--config={KUBEADMS} --config-dir={FOLDER}"\n'


def files(value: source.Value, context: Context) -> dict[str, File]:
    """By the expectation of each."""
    header = render.header(context.profile)
    early = source.minor(value, context) < Version(1, 30)
    unit = render.template("kubelet/unit.conf.j2", header=header, config=KUBEADMS, folder=FOLDER, alpha=early)
    text = render.template("kubelet/document.j2", header=header, rows=list(_rows(context)), document=_document(context))
    return {"kubelet.config": File(CONFIG, text.encode()), "kubelet.drop-in": File(DROP_IN, unit.encode())}


def _rows(context: Context) -> Iterator[tuple[str, str]]:
    """The fields, and why each is so; of swap by the setting that says how much there is."""
    yield "cgroupDriver", reason("kubelet", "cgroupDriver").why
    if mode := kubernetes.swap_mode(context.profile):
        yield "failSwapOn", reason("swap", mode).why


def _document(context: Context) -> dict[str, Any]:
    return {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", **fields(context)}
