"""Changes to the root file system of a disk that nobody runs: no mount, no loop device, no root, in no time.

By debugfs of e2fsprogs, so for ext2 to ext4. Its exit code is 0 whatever happens, and it makes a folder below a link as
readily as below a folder, which breaks the file system: so every step is looked at before, and every change after.
"""

from __future__ import annotations

import dataclasses
import json
import os
import posixpath
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import errors, proc
from generator.base import gpt
from generator.model import Amend, Edit, Partition

_ROOT_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"  # a root partition of x86-64: Discoverable Partitions Specification
_SECTOR = 512
_REGULAR = 0o100000  # S_IFREG, inode(7)
_MOST_LINKS = 40  # path_resolution(7)
_KIND = re.compile(r"Type: (\w+)")
_STAT = re.compile(r"Mode: +(\d+).*?User: +(\d+) +Group: +(\d+)", re.S)
_MODIFIED = re.compile(r"mtime: 0x([0-9a-f]+)")
_TARGET = re.compile(r'Fast link dest: "(.*)"')

_TYPES = {stat.S_IFDIR: "directory", stat.S_IFREG: "regular", stat.S_IFLNK: "symlink"}

Owners = tuple[int, int]  # the numbers of a user and of a group
_ROOT: Owners = (0, 0)


@dataclass(frozen=True, slots=True)
class Disk:
    """A raw disk, and where its root file system begins, in bytes."""

    path: Path
    offset: int


def copy(image: Path, where: Path, fmt: str = "qcow2") -> Disk:
    """A raw copy of `image` at `where`, sparse, to be edited. Raises ToolError."""
    proc.run(["qemu-img", "convert", "-f", fmt, "-O", "raw", image.absolute(), where.absolute()])
    return find(where)


def again(disk: Disk, where: Path) -> Disk:
    """A copy of a raw disk at `where`, with its holes; the file system shares the blocks where it can.

    Half a second for a gigabyte of which a third is used. An overlay would be cheaper still, but debugfs reads no
    qcow2, and a FUSE export of one (qemu-storage-daemon) is not to be had in most containers.
    """
    with disk.path.open("rb") as old, where.open("wb") as new:
        size = os.fstat(old.fileno()).st_size
        new.truncate(size)
        for begin, end in data(old.fileno(), size):
            done = begin
            while done < end:
                done += os.copy_file_range(old.fileno(), new.fileno(), end - done, done, done)
    return Disk(where, disk.offset)


def data(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Where a sparse file has data, from and to."""
    end = 0
    while end < size:
        try:
            begin = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError:  # ENXIO: a hole up to the end
            return
        end = os.lseek(descriptor, begin, os.SEEK_HOLE)
        yield begin, end


def find(disk: Path) -> Disk:
    """The root file system of a raw disk: the partition of that type, else the largest one. Raises ToolError."""
    table = json.loads(proc.run(["sfdisk", "--json", disk.absolute()]))["partitiontable"]
    parts = table.get("partitions", [])
    if not parts:
        raise errors.offline_failed(str(disk), "it has no partitions")
    root = max(parts, key=lambda part: (part["type"].upper() == _ROOT_TYPE, part["size"]))
    found = Disk(disk, root["start"] * table.get("sectorsize", _SECTOR))
    if "needs_recovery" in ask(found, "features"):  # the next mount would write old blocks over what is changed
        raise errors.offline_failed(str(disk), "its file system was not unmounted")
    return found


def edit(disk: Disk, edits: Sequence[Edit | Partition]) -> None:
    """Make the changes, in order. Folders that are not there are made, links to folders are followed.

    Raises ToolError where one did not come true.
    """
    for change in edits:
        if isinstance(change, Partition):
            _append(disk, change)
        else:
            _edit(disk, _whole(disk, change))


def _append(disk: Disk, change: Partition) -> None:
    try:
        with disk.path.open("r+b") as file:
            file.seek(gpt.append(file, change.kind, change.mib))
            file.write(change.head)
    except ValueError as error:
        raise errors.offline_failed(str(disk.path), str(error)) from None


def _edit(disk: Disk, change: Edit) -> None:
    removal = change.content is None and change.link is None and change.amend is None
    folder = _folder(disk, posixpath.dirname(change.path), make=not removal)
    path = posixpath.join(folder, posixpath.basename(change.path))
    if _kind(disk, path)[0] == "directory":
        raise errors.offline_failed(str(disk.path), f"{change.path} is a folder")
    made, owners = _amended(disk, change, path) if change.amend else (change, _ROOT)
    told = _change(disk, made, path, owners)
    if not _is_so(disk, made, path, owners):
        raise errors.offline_failed(str(disk.path), f"{change.path} could not be changed:\n{told}")


def _amended(disk: Disk, change: Edit, path: str) -> tuple[Edit, Owners]:
    """The file as it shall be. A link is followed no more than by others here: what is amended is a file."""
    found = _STAT.search(ask(disk, f"stat {_quoted(path)}"))
    if change.amend is None or found is None or _kind(disk, path)[0] != "regular":
        raise errors.offline_failed(str(disk.path), f"{change.path} is no file")
    try:
        content = rewritten(dumped(disk, path), change.amend)
    except ValueError as error:
        raise errors.offline_failed(str(disk.path), f"{change.path} {error}") from None
    mode, user, group = found[1] if change.amend.mode is None else change.amend.mode, int(found[2]), int(found[3])
    owner = user if change.amend.owner is None else change.amend.owner
    return Edit(change.path, content, mode), (owner, group)


def rewritten(content: bytes, amend: Amend) -> bytes:
    """What the lines of `amend` make of a file. Raises ValueError where one of them changes nothing."""
    text = content.decode("utf-8", "surrogateescape")
    for pattern, instead in amend.lines:
        text, before = re.sub(pattern, instead, text, flags=re.M), text
        if text == before:
            raise ValueError(f"has nothing like {pattern}")
    return text.encode("utf-8", "surrogateescape")


def read(disk: Disk, path: str) -> bytes | None:
    """The content of a file, None where there is none. Raises ToolError."""
    path = _found(disk, path)
    return dumped(disk, path) if _kind(disk, path)[0] == "regular" else None


def kind(disk: Disk, path: str) -> tuple[str, str]:
    """What is there: directory, regular, symlink, ... or "" for nothing; and where a link leads. Raises ToolError."""
    return _kind(disk, _found(disk, path))


def modified(disk: Disk, path: str) -> int:
    """When a file was written last, in seconds since 1970; 0 where there is none. Raises ToolError."""
    told = _MODIFIED.search(ask(disk, f"stat {_quoted(_found(disk, path))}"))
    return int(told[1], 16) if told else 0


def listing(disk: Disk, folder: str) -> dict[str, str]:
    """What is in a folder, without a link in its path, and of what type each is; nothing where there is none.

    Raises ToolError.
    """
    told = ask(disk, f"ls -p {_quoted(folder)}")
    rows = (line.split("/") for line in told.splitlines() if line.startswith("/"))  # /inode/mode/uid/gid/name/size/
    found = {row[5]: stat.S_IFMT(int(row[2], 8)) for row in rows if len(row) > 6 and row[5] not in (".", "..")}
    return {name: _TYPES.get(found[name], "other") for name in sorted(found)}


def folder(disk: Disk, path: str) -> str:
    """The folder that a path is, without a link in it. Raises ToolError."""
    return _folder(disk, path, make=False, strict=False)


def _found(disk: Disk, path: str) -> str:
    """The path without links to folders. Below what is no folder there is nothing."""
    return posixpath.join(_folder(disk, posixpath.dirname(path), make=False, strict=False), posixpath.basename(path))


def _folder(disk: Disk, path: str, *, make: bool, strict: bool = True) -> str:
    """The folder that `path` is, without links. What is none is refused, unless it is only looked for."""
    done, left, followed = "/", path.split("/")[::-1], 0
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        here = posixpath.normpath(posixpath.join(done, part))
        kind, target = _kind(disk, here)
        if kind == "symlink" and followed < _MOST_LINKS:
            followed += 1
            left += target.split("/")[::-1]
            done = "/" if target.startswith("/") else done
            continue
        if kind == "" and make:
            ask(disk, f"mkdir {_quoted(here)}", write=True)
        elif strict and kind not in ("", "directory"):
            raise errors.offline_failed(str(disk.path), f"{here} is no folder")
        done = here
    return done


def _whole(disk: Disk, change: Edit) -> Edit:
    """With what is there already, where that stays."""
    if not change.append or change.content is None:
        return change
    return dataclasses.replace(change, content=(read(disk, change.path) or b"") + change.content)


def _change(disk: Disk, change: Edit, path: str, owners: Owners) -> str:
    told = ask(disk, f"rm {_quoted(path)}", write=True)
    if change.link is not None:
        return told + ask(disk, f"symlink {_quoted(path)} {_quoted(change.link)}", write=True)
    if change.content is None:
        return told
    with tempfile.NamedTemporaryFile() as local:
        local.write(change.content)
        local.flush()
        told += ask(disk, f"write {_quoted(local.name)} {_quoted(path)}", write=True)
    fields = {"mode": f"0{_REGULAR | int(change.mode, 8):o}", "uid": owners[0], "gid": owners[1]}
    for field, value in fields.items():
        told += ask(disk, f"set_inode_field {_quoted(path)} {field} {value}", write=True)
    return told


def _is_so(disk: Disk, change: Edit, path: str, owners: Owners) -> bool:
    kind, target = _kind(disk, path)
    if change.link is not None:
        return (kind, target) == ("symlink", change.link)
    if change.content is None:
        return kind == ""
    found = _STAT.search(ask(disk, f"stat {_quoted(path)}"))
    told = found and (int(found[1], 8), int(found[2]), int(found[3]))
    return kind == "regular" and told == (int(change.mode, 8), *owners) and dumped(disk, path) == change.content


def _kind(disk: Disk, path: str) -> tuple[str, str]:
    """directory, regular, symlink, ... or nothing where nothing is; and where a link leads."""
    told = ask(disk, f"stat {_quoted(path)}")
    found = _KIND.search(told)
    kind = found[1] if found else ""
    if kind != "symlink":
        return kind, ""
    fast = _TARGET.search(told)  # a target of 60 bytes or more has blocks, as a file's content
    return kind, fast[1] if fast else dumped(disk, path).decode("utf-8", "surrogateescape")


def dumped(disk: Disk, path: str) -> bytes:
    """The content of a file that is there, by a path without links. Raises ToolError."""
    with tempfile.NamedTemporaryFile() as local:
        ask(disk, f"dump {_quoted(path)} {_quoted(local.name)}")
        return Path(local.name).read_bytes()


def ask(disk: Disk, command: str, *, write: bool = False) -> str:
    """What debugfs says to a command. Raises ToolError where it cannot be run at all; its exit code is always 0."""
    options = ["-w"] if write else []
    return proc.run(["debugfs", *options, "-R", command, f"{disk.path.absolute()}?offset={disk.offset}"])


def _quoted(word: str) -> str:
    """A word for debugfs, whose commands are lines (libss: a double quote inside quotes is written twice)."""
    if "\n" in word or "\0" in word:
        raise ValueError(f"debugfs cannot be told of {word!r}")
    return '"' + word.replace('"', '""') + '"'
