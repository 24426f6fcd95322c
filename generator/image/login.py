"""How Packer gets into the guest: as root, by a key of this build alone, of which nothing comes to lie on the disk.

Keys lie below /run, which is memory. Only a file that tells sshd to look there is on the disk; sysprep.sh removes it.
The base's own root password, keys and users stay what they are.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generator import proc, seed

Road = Literal["credential", "seed"]

_RUN = "/run/nodebake"
_SSHD = "/etc/ssh/sshd_config.d/00-nodebake-build.conf"
# Without PAM there is no session to open, and no systemd of root's own to start: seconds in an emulated machine.
_SSHD_CONFIG = f"""\
AuthorizedKeysFile {_RUN}/authorized_keys
HostKey {_RUN}/host_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
"""


@dataclass(frozen=True, slots=True)
class _Placed:
    path: str
    mode: str
    content: bytes


def prepare(work: Path, road: Road) -> list[list[str]]:
    """Make the keys in `work` (`key` is Packer's) and what carries them in; returns the arguments for QEMU.

    `credential` is a systemd credential (systemd 252 and later: Debian 12): cloud-init has no data and does not start,
    so that nothing has to wait for it or to be cleaned up after it. `seed` is a NoCloud image, for any other base.
    """
    for name in ("key", "host_key"):
        proc.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "nodebake-build", "-f", work / name])
    files = (
        _Placed(f"{_RUN}/authorized_keys", "0600", (work / "key.pub").read_bytes()),
        _Placed(f"{_RUN}/host_key", "0600", (work / "host_key").read_bytes()),
        _Placed(_SSHD, "0644", _SSHD_CONFIG.encode()),
    )
    return _credential(work, files) if road == "credential" else _seed(work, files)


def _credential(work: Path, files: tuple[_Placed, ...]) -> list[list[str]]:
    """Lines of tmpfiles.d(5). The link keeps the base from making host keys (its unit looks for such a name)."""
    rows = [f"d {_RUN} 0700 root root", f"L /etc/ssh/ssh_host_build_key - - - - {_RUN}/host_key"]
    for file in files:
        encoded = base64.b64encode(file.content).decode()
        rows.append(f"f+~ {file.path} {file.mode} root root - {encoded}")
    (work / "tmpfiles").write_text("\n".join(rows) + "\n", encoding="ascii")
    return [["-fw_cfg", "name=opt/io.systemd.credentials/tmpfiles.extra,file=tmpfiles"]]


def _seed(work: Path, files: tuple[_Placed, ...]) -> list[list[str]]:
    """User-data that only writes the files: cloud-init's other modules have nothing to do in a build."""
    written = [
        {
            "path": file.path,
            "permissions": file.mode,
            "encoding": "b64",
            "content": base64.b64encode(file.content).decode(),
        }
        for file in files
    ]
    modules = {"cloud_init_modules": ["write_files"], "cloud_config_modules": [], "cloud_final_modules": []}
    config = {**modules, "write_files": written}
    user_data = "#cloud-config\n" + json.dumps(config)
    meta_data = json.dumps({"instance-id": "nodebake-build"})
    (work / "seed.iso").write_bytes(seed.write({"user-data": user_data.encode(), "meta-data": meta_data.encode()}))
    # Not a CD drive on the board's own bus: cloud kernels have no driver for it.
    return [
        ["-blockdev", "driver=file,node-name=seed,read-only=on,filename=seed.iso"],
        ["-device", "virtio-scsi-pci,id=scsi"],
        ["-device", "scsi-cd,bus=scsi.0,drive=seed"],
    ]
