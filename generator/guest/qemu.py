"""A machine as a value, and the QEMU command line that is that machine. Starts no guest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from generator import errors, proc
from generator.guest.accel import QEMU, Accel

# Debian's package ovmf. The 4M build is the one that every current distribution ships.
OVMF_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARS = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")

_NETDEVS: Mapping[str, str] = {
    "user": "user,id=net0",
    "user-restricted": "user,id=net0,restrict=on",  # an address from QEMU's own DHCP, and no way out
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What QEMU shall be.

    `disk` is written to unless `disk_format` and the file say otherwise: give an overlay. `throwaway` means that the
    disk need not survive a crash of the host, which is faster. `port` is the name of the result port, in the guest
    /dev/virtio-ports/NAME; unless `port_at_boot`, it is there only once it is plugged in. `fw_cfg` are (key, file)
    pairs, `smbios` type-11 strings: both roads of systemd credentials. `disks` are further ones, raw, written to.
    `segment` is the socket of an Ethernet segment (segment.py) on which it is, instead of `net`.
    """

    disk: Path
    disk_format: str = "qcow2"
    seed: Path | None = None
    disks: tuple[Path, ...] = ()
    name: str = "guest"
    cpus: int = 2
    memory_mib: int = 1024
    net: Literal["none", "user", "user-restricted"] = "none"
    firmware: Literal["bios", "uefi"] = "bios"
    uuid: str | None = None
    mac: str | None = None
    segment: Path | None = None
    port: str = "nodebake"
    port_at_boot: bool = True
    throwaway: bool = True
    fw_cfg: tuple[tuple[str, Path], ...] = ()
    smbios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wires:
    """Where QEMU's sockets are: a folder with a short name, for a socket's path ends at 108 bytes (unix(7))."""

    folder: Path

    @property
    def console(self) -> Path:
        return self.folder / "console"

    @property
    def port(self) -> Path:
        return self.folder / "port"

    @property
    def qmp(self) -> Path:
        return self.folder / "qmp"

    @property
    def nvram(self) -> Path:
        """The guest's own copy of the UEFI variables."""
        return self.folder / "nvram"


def argv(machine: Machine, wires: Wires, accel: Accel) -> list[str]:
    """The command line. QEMU connects to all three sockets, so they must be listened on before it starts.

    The guest waits for `cont` (-S), so that no event is lost before QMP is there to hear it. When it powers off, QEMU
    stays, paused, until it is told to quit: so that event is not lost either.
    """
    return [
        *(QEMU, "-name", f"guest={_escaped(machine.name)}", "-no-user-config", "-nodefaults", "-display", "none"),
        *("-S", "-action", "shutdown=pause,panic=none", "-rtc", "base=utc"),
        *_board(machine, accel),
        *_firmware(machine, wires),
        *_channels(machine, wires),
        *_disks(machine),
        *_network(machine),
        *_credentials(machine),
    ]


def _board(machine: Machine, accel: Accel) -> Iterator[str]:
    flash = ",pflash0=code,pflash1=vars" if machine.firmware == "uefi" else ""
    # graphics=off: SeaBIOS then speaks on the serial console, and "No bootable device" can be seen.
    yield from ("-machine", f"q35,graphics=off{flash}")
    yield from ("-accel", "tcg,thread=multi" if accel.name == "tcg" else accel.name)
    yield from ("-cpu", accel.cpu, "-smp", str(machine.cpus), "-m", f"{machine.memory_mib}M")
    yield from ("-device", "virtio-rng-pci", "-device", "pvpanic")
    if machine.uuid:
        yield from ("-uuid", machine.uuid)


def _firmware(machine: Machine, wires: Wires) -> Iterator[str]:
    if machine.firmware == "uefi":
        if not OVMF_CODE.exists():
            raise errors.tool_missing(str(OVMF_CODE), "ovmf")
        yield from _blockdev({"node-name": "code", "driver": "raw", "read-only": True, "file": _file(OVMF_CODE)})
        yield from _blockdev({"node-name": "vars", "driver": "raw", "file": _file(wires.nvram)})


def _channels(machine: Machine, wires: Wires) -> Iterator[str]:
    for name, path in (("console", wires.console), ("port", wires.port), ("qmp", wires.qmp)):
        yield from ("-chardev", f"socket,id={name},path={_escaped(str(path))}")
    yield from ("-serial", "chardev:console", "-mon", "chardev=qmp,mode=control")
    yield from ("-device", "virtio-serial-pci,id=ports")
    if machine.port_at_boot:
        yield from ("-device", f"virtserialport,bus=ports.0,chardev=port,name={_escaped(machine.port)}")


def _disks(machine: Machine) -> Iterator[str]:
    cache = {"direct": False, "no-flush": machine.throwaway}
    file = {**_file(machine.disk), "discard": "unmap", "cache": cache}
    layer = {"driver": machine.disk_format, "discard": "unmap", "cache": cache, "file": file}
    yield from _blockdev({"node-name": "disk", **layer})
    yield from ("-device", "virtio-blk-pci,drive=disk,bootindex=0")
    for number, disk in enumerate(machine.disks):
        more = {"driver": "raw", "file": _file(disk), "cache": cache}
        yield from _blockdev({"node-name": f"disk{number}", **more})
        yield from ("-device", f"virtio-blk-pci,drive=disk{number}")
    if machine.seed:
        yield from _blockdev({"node-name": "seed", "driver": "raw", "read-only": True, "file": _file(machine.seed)})
        # Not -cdrom: that is an ATA drive, and cloud kernels are built without ATA drivers.
        yield from ("-device", "virtio-scsi-pci,id=scsi", "-device", "scsi-cd,bus=scsi.0,drive=seed")


def _network(machine: Machine) -> Iterator[str]:
    if netdev := _netdev(machine):
        mac = f",mac={machine.mac}" if machine.mac else ""
        # romfile= : without it the firmware would spend a second on loading iPXE, which nobody boots from.
        yield from ("-netdev", netdev, "-device", f"virtio-net-pci,netdev=net0,romfile={mac}")


def _netdev(machine: Machine) -> str:
    if machine.segment is None:
        return _NETDEVS.get(machine.net, "")
    return f"stream,id=net0,server=off,addr.type=unix,addr.path={_escaped(str(machine.segment.absolute()))}"


def _credentials(machine: Machine) -> Iterator[str]:
    for key, path in machine.fw_cfg:
        yield from ("-fw_cfg", f"name={_escaped(key)},file={_escaped(str(path.absolute()))}")
    for value in machine.smbios:
        yield from ("-smbios", f"type=11,value={_escaped(value)}")


def _file(path: Path) -> dict[str, Any]:
    return {"driver": "file", "filename": str(path.absolute())}


def _blockdev(node: Mapping[str, Any]) -> tuple[str, str]:
    """A block node as JSON, where no character of a path means anything but itself."""
    return "-blockdev", json.dumps(node)


def _escaped(value: str) -> str:
    """A value inside a comma-separated option of QEMU, where a comma is written twice."""
    return value.replace(",", ",,")


def overlay(image: Path, where: Path, fmt: str = "qcow2", room_mib: int = 0) -> Path:
    """A qcow2 at `where` that holds what will differ from `image` (in format `fmt`), which is only read from now on.

    `room_mib` is how much larger the disk shall be than the image, as disks of machines are.

    Names the format of `image` outright: probing would let the first bytes of a raw image pose as another format.
    Raises ToolError from qemu-img.
    """
    # Absolute paths: before the first slash a colon would name a protocol.
    base, top = image.absolute(), where.absolute()
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", fmt, "-b", base, top])
    if room_mib:
        proc.run(["qemu-img", "resize", "-q", "-f", "qcow2", top, f"+{room_mib}M"])
    return where
