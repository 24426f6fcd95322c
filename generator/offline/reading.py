"""What is on the root file system of a disk that nobody runs, by path. All of it raises ToolError."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable

from generator import errors
from generator.offline.disks import Disk, volume
from generator.offline.ext4 import Inode

_MOST_LINKS = 40  # path_resolution(7)
_TYPES = {stat.S_IFDIR: "directory", stat.S_IFREG: "regular", stat.S_IFLNK: "symlink"}


def read(disk: Disk, path: str) -> bytes | None:
    """The content of a file, None where there is none."""
    with volume(disk) as root:
        inode = root.find(_found(disk, path))
        return root.whole(inode) if inode and stat.S_ISREG(inode.mode) else None


def kind(disk: Disk, path: str) -> tuple[str, str]:
    """What is there: directory, regular, symlink, other or "" for nothing; and where a link leads."""
    return unfollowed(disk, _found(disk, path))


def modified(disk: Disk, path: str) -> int:
    """When a file was written last, in seconds since 1970; 0 where there is none."""
    found = inode(disk, _found(disk, path))
    return found.modified if found else 0


def listing(disk: Disk, folder: str) -> dict[str, str]:
    """What is in a folder, without a link in its path, and of what type each is; nothing where there is none."""
    with volume(disk) as root:
        found = root.find(folder)
        if found is None or not stat.S_ISDIR(found.mode):
            return {}
        inside = {os.fsdecode(name): _type(root.inode(number)) for name, number in root.names(found)}
    return dict(sorted(inside.items()))


def folder(disk: Disk, path: str, *, strict: bool = False, make: Callable[[str], object] | None = None) -> str:
    """The folder that `path` is, without a link in it. `make` is told of each that is not there.

    What is no folder is refused if `strict`; otherwise it is only looked for.
    """
    done, left, followed = "/", path.split("/")[::-1], 0
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        here = posixpath.normpath(posixpath.join(done, part))
        kind, target = unfollowed(disk, here)
        if kind == "symlink" and followed < _MOST_LINKS:
            followed += 1
            left += target.split("/")[::-1]
            done = "/" if target.startswith("/") else done
            continue
        if kind == "" and make:
            make(here)
        elif strict and kind not in ("", "directory"):
            raise errors.offline_failed(str(disk.path), f"{here} is no folder")
        done = here
    return done


def unfollowed(disk: Disk, path: str) -> tuple[str, str]:
    """As `kind`, of a path without links to folders."""
    with volume(disk) as root:
        found = root.find(path)
        if found is None:
            return "", ""
        kind = _type(found)
        return kind, os.fsdecode(root.target(found)) if kind == "symlink" else ""


def inode(disk: Disk, path: str) -> Inode | None:
    """What is there, by a path without links to folders."""
    with volume(disk) as root:
        return root.find(path)


def dumped(disk: Disk, path: str) -> bytes:
    """The content of a file that is there, by a path without links."""
    with volume(disk) as root:
        found = root.find(path)
        if found is None:
            raise errors.offline_failed(str(disk.path), f"{path} is not there")
        return root.whole(found)


def _type(found: Inode) -> str:
    return _TYPES.get(stat.S_IFMT(found.mode), "other")


def _found(disk: Disk, path: str) -> str:
    """The path without links to folders. Below what is no folder there is nothing."""
    return posixpath.join(folder(disk, posixpath.dirname(path)), posixpath.basename(path))
