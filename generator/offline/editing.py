"""Changes to the root file system of a disk that nobody runs.

By debugfs, whose exit code is 0 whatever happens, and which makes a folder below a link as readily as below a folder,
which breaks the file system: so every step is looked at before, and every change after.
"""

from __future__ import annotations

import dataclasses
import posixpath
import re
import stat
import tempfile
from collections.abc import Sequence

from generator import errors, proc
from generator.base import gpt
from generator.model import Amend, Edit, Partition
from generator.offline import reading
from generator.offline.disks import Disk

Owners = tuple[int, int]  # the numbers of a user and of a group
_ROOT: Owners = (0, 0)


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
    make = None if removal else lambda here: _tell(disk, f"mkdir {_quoted(here)}")
    folder = reading.folder(disk, posixpath.dirname(change.path), strict=True, make=make)
    path = posixpath.join(folder, posixpath.basename(change.path))
    if reading.unfollowed(disk, path)[0] == "directory":
        raise errors.offline_failed(str(disk.path), f"{change.path} is a folder")
    made, owners = _amended(disk, change, path) if change.amend else (change, _ROOT)
    told = _change(disk, made, path, owners)
    if not _is_so(disk, made, path, owners):
        raise errors.offline_failed(str(disk.path), f"{change.path} could not be changed:\n{told}")


def _amended(disk: Disk, change: Edit, path: str) -> tuple[Edit, Owners]:
    """The file as it shall be. A link is followed no more than by others here: what is amended is a file."""
    found = reading.inode(disk, path)
    if change.amend is None or found is None or not stat.S_ISREG(found.mode):
        raise errors.offline_failed(str(disk.path), f"{change.path} is no file")
    try:
        content = rewritten(reading.dumped(disk, path), change.amend)
    except ValueError as error:
        raise errors.offline_failed(str(disk.path), f"{change.path} {error}") from None
    mode = f"{stat.S_IMODE(found.mode):04o}" if change.amend.mode is None else change.amend.mode
    owner = found.uid if change.amend.owner is None else change.amend.owner
    return Edit(change.path, content, mode), (owner, found.gid)


def rewritten(content: bytes, amend: Amend) -> bytes:
    """What the lines of `amend` make of a file. Raises ValueError where one of them changes nothing."""
    text = content.decode("utf-8", "surrogateescape")
    for pattern, instead in amend.lines:
        text, before = re.sub(pattern, instead, text, flags=re.M), text
        if text == before:
            raise ValueError(f"has nothing like {pattern}")
    return text.encode("utf-8", "surrogateescape")


def _whole(disk: Disk, change: Edit) -> Edit:
    """With what is there already, where that stays."""
    if not change.append or change.content is None:
        return change
    return dataclasses.replace(change, content=(reading.read(disk, change.path) or b"") + change.content)


def _change(disk: Disk, change: Edit, path: str, owners: Owners) -> str:
    commands = [f"rm {_quoted(path)}"]
    if change.link is not None:
        return _tell(disk, *commands, f"symlink {_quoted(path)} {_quoted(change.link)}")
    if change.content is None:
        return _tell(disk, *commands)
    fields = {"mode": f"0{stat.S_IFREG | int(change.mode, 8):o}", "uid": owners[0], "gid": owners[1]}
    with tempfile.NamedTemporaryFile() as local:
        local.write(change.content)
        local.flush()
        commands.append(f"write {_quoted(local.name)} {_quoted(path)}")
        commands += (f"set_inode_field {_quoted(path)} {field} {value}" for field, value in fields.items())
        return _tell(disk, *commands)


def _is_so(disk: Disk, change: Edit, path: str, owners: Owners) -> bool:
    found = reading.inode(disk, path)
    if change.link is not None:
        return reading.unfollowed(disk, path) == ("symlink", change.link)
    if change.content is None:
        return found is None
    wanted = (stat.S_IFREG | int(change.mode, 8), *owners)
    return (
        found is not None
        and (found.mode, found.uid, found.gid) == wanted
        and reading.dumped(disk, path) == change.content
    )


def ask(disk: Disk, command: str) -> str:
    """What debugfs says to a question. Raises ToolError where it cannot be run at all; its exit code is always 0."""
    return proc.run(["debugfs", "-R", command, _place(disk)])


def _tell(disk: Disk, *commands: str) -> str:
    """What debugfs says while it changes something, in one go. A file of commands: -R takes one, and stdin echoes."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors="surrogateescape") as script:
        script.writelines(f"{command}\n" for command in commands)
        script.flush()
        return proc.run(["debugfs", "-w", "-f", script.name, _place(disk)])


def _place(disk: Disk) -> str:
    return f"{disk.path.absolute()}?offset={disk.offset}"


def _quoted(word: str) -> str:
    """A word for debugfs, whose commands are lines (libss: a double quote inside quotes is written twice)."""
    if "\n" in word or "\0" in word:
        raise ValueError(f"debugfs cannot be told of {word!r}")
    return '"' + word.replace('"', '""') + '"'
