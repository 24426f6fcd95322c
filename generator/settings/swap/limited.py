"""swap: {mode: limited, size: ...}. One area of this size, and a kubelet that lets pods use it within their share."""

from __future__ import annotations

import re
from typing import Any

from generator import errors, probes, render, sentences
from generator.errors import Finding
from generator.facts import versions
from generator.model import Amend, Edit, Expect, Fault, File, Part, Step
from generator.reasons import reason
from generator.settings import Context
from generator.settings.swap import faults, others

UNIT = "nodebake-swap.service"
SCRIPT = "/usr/local/lib/nodebake/swap-on"
FOLDER = "/etc/kubernetes/kubelet.conf.d"
CONFIG = f"{FOLDER}/20-nodebake-swap.conf"
AREAS = {"file": "/var/lib/nodebake/swap", "zram": "/dev/zram0"}
MIB = 1 << 20
SMALLEST, LARGEST = 16, 1 << 20  # MiB
# GRUB's own file has the kernel command line of every Debian image. systemd 256 wants to be asked twice (NEWS).
_LEGACY = "systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
ON_CGROUP_V1 = Edit("/boot/grub/grub.cfg", None, amend=Amend(lines=((r"^([ \t]*linux[ \t].*)$", rf"\1 {_LEGACY}"),)))
_WHY_CONFIG = (
    "Pods may use swap in proportion to the memory that they request; kubelet itself starts although swap is on."
)


def part(value: dict[str, Any], context: Context) -> Part:
    """From what limited swap is. Refuses a size that is out of bounds."""
    mib, kind = _mib(value["size"], context), value.get("device", "file")
    area = AREAS[kind]
    files = _files(value["size"], mib, kind, context)
    kubelet = File(others.KUBELET, _kubelet(context))
    common = others.part("limited", area, kubelet, context)
    row = reason("swap", "limited")
    laid = tuple(others.laid_as(name, file, row.breaks) for name, file in files.items())
    shown = probes.expects("swap", "limited", context.profile.settings)
    return Part(
        files=(*common.files, *files.values()),
        steps=_steps(area, mib, row.why, common.steps),
        expects=(*_expects(area, mib, row.breaks), *laid, *common.expects, *shown),
        faults=(*_faults(), *_other_areas(), *common.faults),
        room_mib=mib + mib // 8 if kind == "file" else 0,
    )


def _mib(size: str, context: Context) -> int:
    number, unit = re.fullmatch(r"([0-9]+)([MG])iB", size).groups()  # type: ignore[union-attr] # by its schema
    mib = int(number) * (1024 if unit == "G" else 1)
    if SMALLEST <= mib <= LARGEST:
        return mib
    line, column = context.profile.place(("swap", "size"))
    words = sentences.swap_size(size, SMALLEST, LARGEST)
    raise errors.Refused([Finding(context.profile.source, line, column, "swap.size", *words)])


def _kubelet(context: Context) -> bytes:
    return others.rendered("kubelet-limited.conf.j2", context, guard=others.GUARD, unit=UNIT, folder=FOLDER)


def _files(size: str, mib: int, kind: str, context: Context) -> dict[str, File]:
    functions = render.raw("swap/node/make.sh").split("\n", 1)[1]  # without its directive for shellcheck
    script = others.rendered("on.sh.j2", context, functions=functions, kind=kind, area=AREAS[kind], bytes=mib * MIB)
    service = others.rendered("on.service.j2", context, size=size, script=SCRIPT)
    config = others.rendered("document.j2", context, why=_WHY_CONFIG, document=_kubelet_config(context))
    return {
        "swap.script": File(SCRIPT, script, "0755"),
        "swap.unit-file": File(f"{others.UNITS}/{UNIT}", service),
        "swap.kubelet-config": File(CONFIG, config),
    }


def _kubelet_config(context: Context) -> dict[str, Any]:
    """KubeletConfiguration, merged over kubeadm's by --config-dir."""
    version = versions.of_node(context.profile.settings)
    gated = version is not None and versions.stage("NodeSwap", version) == "beta off"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "failSwapOn": False,
        "memorySwap": {"swapBehavior": "LimitedSwap"},
        **({"featureGates": {"NodeSwap": True}} if gated else {}),
    }


def _kib(mib: int) -> str:
    """What /proc/swaps says of it: without its first page, which is its header."""
    return str(mib * 1024 - 4)


def _steps(area: str, mib: int, why: str, common: tuple[Step, ...]) -> tuple[Step, ...]:
    return (
        Step("unmask swap.target", "swap", ("unlinked_from_null", others.TARGET), why=why),
        *common,
        Step(f"turn on swap of {mib} MiB on {area}", "swap", ("swap_area", UNIT, area, _kib(mib))),
    )


def _expects(area: str, mib: int, breaks: str) -> tuple[Expect, ...]:
    only = f"swap is on: {area} ({_kib(mib)} KiB)"
    v1 = "kubelet does not start with LimitedSwap on cgroup v1"
    return (
        Expect("swap.area", "swap", "only-swap", (area, _kib(mib)), only, breaks),
        Expect("swap.unit", "swap", "unit-enabled", (UNIT,), "enabled running", breaks),
        Expect("swap.target", "swap", "unit-load-state", ("swap.target",), "loaded", breaks),
        Expect("swap.cgroup", "swap", "file-system-type", ("/sys/fs/cgroup",), "cgroup2fs", v1),
    )


def _faults() -> tuple[Fault, ...]:
    """What it is made of is gone, or is not started; and the node has booted with cgroup v1."""
    unit = f"{others.UNITS}/{UNIT}"
    off = {"swap.unit", "swap.area", "swap.kubelet-finds", "swap.swapping"}
    rows = (
        ("script", SCRIPT, {"swap.script", *off}),
        ("unit-file", unit, {"swap.unit-file", *off}),
        ("kubelet-config", CONFIG, {"swap.kubelet-config"}),
    )
    removed = (
        Fault(f"swap.{name}.removed", "swap", f"{path} is gone", (Edit(path, None),), frozenset(red))
        for name, path, red in rows
    )
    masked = (Edit(others.TARGET, b""),)  # an empty file masks a unit, too
    return (
        *removed,
        others.not_wanted(UNIT, "unit", "area", "kubelet-finds", "swapping"),
        Fault("swap.target.masked", "swap", "swap.target is masked", masked, frozenset({"swap.target"})),
        Fault(
            "swap.cgroup.v1",
            "swap",
            "the kernel is told of cgroup v1",
            (ON_CGROUP_V1,),
            frozenset({"swap.cgroup", "swap.swapping"}),
        ),
    )


def _other_areas() -> tuple[Fault, ...]:
    """Swap beside the profile's own."""
    on = faults.turned_on("swap.area")
    return on, faults.asked_for("swap.fstab", "swap.swapon"), *faults.unheld("swap.area")
