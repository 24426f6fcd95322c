"""The machine that is looked at, and its three boots: Debian with its containerd, a real kubelet and a real kubeadm."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from generator import base, checks, guest, offline, progress
from generator.base.variants import Variant
from generator.model import Edit, Expect, Image
from tests.zoo import told

DISTRO = "debian-13"
# With swap on, as machines come; iptables is what kubeadm asks for.
_VARIANT = Variant(
    "proof",
    fstab="/swapfile\tnone\tswap\tsw\t0\t0\n",
    areas=(("/swapfile", 64),),
    packages=("containerd", "iptables"),
)
_LOOKS = Path(__file__).with_name("looks")
_LIMITS = guest.Limits(cpu=3600, wall=7200)  # kubelet and kubeadm start nine times in the first boot
# The probe of a service, with its backend behind the router instead of on the same bridge.
_ELSEWHERE = {
    "$rules->dnat(bytes('b'), $to)": "$rules->dnat(bytes('peer'), $to)",
    "loss($topic eq 'service' ? 'b' : 'peer', $rules)": "loss('peer', $rules)",
    "whose pod is on the same bridge": "whose pod is on another node",
}


def image() -> Image:
    """The base. Raises ToolError."""
    return base.obtain(DISTRO, variant=_VARIANT)


def scripts() -> tuple[str, ...]:
    """What each boot runs."""
    functions = (_LOOKS / "functions.sh").read_text(encoding="utf-8")
    looks = ((_LOOKS / f"boot{number}.sh").read_text(encoding="utf-8") for number in (1, 2, 3))
    return tuple(f"{_functions()}{functions}{look}" for look in looks)


def told_by(kubernetes: Path, work: Path) -> list[str]:
    """The lines of all three boots. `kubernetes` is the folder of kubelet and kubeadm. Raises GuestError, ToolError."""
    disk = offline.copy(image().path, work / "disk.raw")
    names = ("kubelet", "kubeadm")
    offline.edit(disk, [Edit(f"/usr/local/bin/{name}", (kubernetes / name).read_bytes(), "0755") for name in names])
    return [line for number, script in enumerate(scripts(), 1) for line in _boot(disk.path, number, script, work)]


def _boot(disk: Path, number: int, script: str, work: Path) -> Iterator[str]:
    """With what kubeadm asks for: two CPUs and 1700 MB."""
    machine = guest.Machine(disk=disk, disk_format="raw", cpus=2, memory_mib=2048, net="user-restricted")
    with progress.task(f"proof, boot {number} of 3") as task:
        log = work / f"{number}.console.log"
        result = guest.ask(machine, log, told.WAIT + script, limits=_LIMITS, on_stage=task.say, then="powerdown")
    return (line.decode("utf-8", "replace") for line in result.lines)


def _functions() -> str:
    """The probes that nodebake has, as functions of sh."""
    here, elsewhere = _pods("service", "policy", "forward"), _pods("service")
    away = shlex.join(moved(word) for word in elsewhere)
    container = _command("containerd-container", "overlayfs", "cgroupfs")
    return (
        f"container() {{ {shlex.join(container)}; }}\n"
        f"pods() {{ {shlex.join(here)}; }}\n"
        f"pods_elsewhere() {{ {away} | sed 's/^service/service elsewhere/'; }}\n"
    )


def moved(word: str) -> str:
    """The probe of the network with its service's backend elsewhere; other words of its command as they are.

    Raises ValueError where the probe has not what is changed.
    """
    if "\n" not in word:
        return word
    for here, elsewhere in _ELSEWHERE.items():
        if word.count(here) != 1:
            raise ValueError(f"the probe of the network has not exactly one {here!r}")
        word = word.replace(here, elsewhere)
    return word


def _pods(*topics: str) -> tuple[str, ...]:
    return _command("network-probe", topics[0], "ipv4", *topics)


def _command(kind: str, *args: str) -> tuple[str, ...]:
    return checks.command(Expect("", "", kind, args, "", ""))
