"""Small disks with an ext4 root file system, as a build leaves them: no guest, no root."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from generator import data, offline
from generator.offline import Disk

ROOT_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
MIB = 1 << 20
SUDOERS = "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"
README = "# a comment\n"


def conffiles(*files: tuple[str, str]) -> str:
    """A paragraph of dpkg's status with these configuration files."""
    rows = "".join(f" {path} {hashlib.md5(text.encode()).hexdigest()}\n" for path, text in files)
    return f"Package: sudo\nStatus: install ok installed\nConffiles:\n{rows}"


CLEAN = {
    "etc/machine-id": "",
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "etc/shadow": "root:*:20000:0:99999:7:::\nsshd:!:20000::::::\nnobody:!*:20000:0:99999:7:::\n",
    "etc/hostname": "localhost\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "etc/sudoers": SUDOERS,
    "etc/sudoers.d/README": README,
    "etc/ssh/sshd_config": "UsePAM yes\n",
    "home/.keep": "",
    "root/.ssh/.keep": "",
    "var/lib/cloud/.keep": "",
    "var/lib/dbus/.keep": "",
    "var/lib/dpkg/status": conffiles(("/etc/sudoers", SUDOERS), ("/etc/sudoers.d/README", README)),
    "var/lib/systemd/.keep": "",
}


def disk(work: Path, files: dict[str, str]) -> Disk:
    """A raw disk with these files, by their path below the root."""
    return disk_of(work, tree(work, files))


def tree(work: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    root = work / "tree"
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    return root


def disk_of(work: Path, root: Path) -> Disk:
    """A raw disk with what is in a folder."""
    raw = work / "disk.raw"
    with raw.open("wb") as file:
        file.truncate(12 * MIB)
    table = f"label: gpt\nstart=1MiB, size=10MiB, type={ROOT_TYPE}\n"
    subprocess.run(["/usr/sbin/sfdisk", "-q", raw], input=table, text=True, check=True)
    made = ["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", str(root), "-E", f"offset={MIB}", str(raw), "10M"]
    subprocess.run(made, check=True, capture_output=True)
    return offline.find(raw)


def sysprep(root: Path) -> None:
    """Run Packer's last provisioner on a folder as on the root of a build."""
    environment = {**os.environ, "SYSPREP_ROOT": str(root), "SYSPREP_LAID": "/dev/null"}
    subprocess.run(["sh", data.PACKER / "scripts/sysprep.sh"], env=environment, check=True)
