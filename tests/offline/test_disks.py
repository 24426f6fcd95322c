"""What is no root file system to read, and what was not unmounted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator import errors, offline
from generator.offline import Disk, disks
from tests import images


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return images.disk(tmp_path, {"etc/hostname": "node\n"})


def test_what_was_not_unmounted_is_refused(disk: Disk) -> None:
    """Found already, it is not read either."""
    argv = ["/usr/sbin/debugfs", "-w", "-R", "feature needs_recovery", f"{disk.path}?offset={disk.offset}"]
    subprocess.run(argv, check=True, capture_output=True)
    for look in (lambda: offline.find(disk.path), lambda: offline.read(disk, "/etc/hostname")):
        with pytest.raises(errors.ToolError, match="its file system was not unmounted"):
            look()


def test_another_file_system_is_found_and_not_read(disk: Disk) -> None:
    with disk.path.open("r+b") as file:
        file.seek(disk.offset)
        file.write(b"XFSB" + bytes(4096))
    assert offline.find(disk.path) == disk
    with pytest.raises(errors.ToolError, match="it is no ext4"):
        offline.read(disk, "/etc/hostname")


def test_a_disk_that_ends_early(disk: Disk) -> None:
    with disk.path.open("r+b") as file:
        file.truncate(disk.offset + 100)
    with pytest.raises(errors.ToolError, match="it ends before its data"), disks.volume(disk) as root:
        root.root()
