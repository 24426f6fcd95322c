"""The reader against e2fsprogs: mke2fs writes a tree, and what is read is that tree."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator import contents, errors
from generator.contents import Entry
from generator.offline import Disk

_NAMES = 700  # in one folder: enough for a hashed one of several blocks


def _tree(folder: Path) -> None:
    (folder / "many").mkdir()
    for number in range(_NAMES):
        (folder / "many" / f"a-name-of-some-length-{number:04}").touch()
    (folder / "empty").touch()
    (folder / "one").write_bytes(b"x")
    (folder / "large").write_bytes(bytes(range(256)) * 9000)
    (folder / "name with\nnewline").write_text("1")
    os.mkfifo(folder / "fifo")
    (folder / os.fsdecode(b"not-utf8-\xff")).write_text("2")
    (folder / "short").symlink_to("one")
    (folder / "long").symlink_to("/" + "x" * 200)
    (folder / "linked").hardlink_to(folder / "one")
    (folder / "one").chmod(0o4751)
    (folder / "many").chmod(0o1777)
    with (folder / "sparse").open("wb") as file:
        for at in range(0, 40 << 20, 1 << 17):  # some 300 extents, more than the four of an inode
            file.seek(at)
            file.write(b"data")
        file.truncate(41 << 20)


def _made(folder: Path, *options: str, kind: str = "ext4") -> Path:
    (folder / "tree").mkdir()
    _tree(folder / "tree")
    disk = folder / "disk.raw"
    argv = ["/usr/sbin/mke2fs", "-q", "-t", kind, *options, "-d", folder / "tree", disk, "64M"]
    subprocess.run(argv, check=True, capture_output=True)
    return disk


def _debugfs(disk: Path, *commands: str) -> None:
    for command in commands:
        subprocess.run(["/usr/sbin/debugfs", "-w", "-R", command, disk], check=True, capture_output=True)


def _read(disk: Path) -> dict[str, Entry]:
    found = dict(contents.of(Disk(disk, 0)))
    for name in (contents.BOOT, contents.IDENT, "/lost+found"):
        found.pop(name)
    return found


def _expected(tree: Path) -> Mapping[str, tuple[str, str, str]]:
    """Mode, owner and content of each path, by the operating system."""
    paths = [tree, *tree.rglob("*")]
    return {"/" + str(path.relative_to(tree)).removeprefix("."): _told(path) for path in paths}


def _told(path: Path) -> tuple[str, str, str]:
    seen = path.lstat()
    content = ""
    if path.is_symlink():
        content = str(path.readlink())
    elif stat.S_ISREG(seen.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{stat.S_IMODE(seen.st_mode):04o}", f"{seen.st_uid}:{seen.st_gid}", content


OPTIONS = [
    (),
    ("-b", "1024"),
    ("-b", "4096", "-O", "^metadata_csum,^64bit"),
    ("-I", "128"),
    ("-O", "metadata_csum_seed"),
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_a_tree_is_read_as_it_was_written(tmp_path: Path, options: tuple[str, ...]) -> None:
    found = _read(_made(tmp_path, *options))
    told = {path: (entry.mode, entry.owner, entry.content) for path, entry in found.items()}
    assert told == _expected(tmp_path / "tree")
    kinds = {path: found[path].kind for path in ("/", "/fifo", "/short", "/one")}
    assert kinds == {"/": "directory", "/fifo": "fifo", "/short": "symlink", "/one": "file"}
    assert found["/linked"] == found["/one"]


def test_a_hashed_folder_is_one(tmp_path: Path) -> None:
    """e2fsck makes the index that mke2fs leaves to the kernel: else the test above would not have met one."""
    disk = _made(tmp_path, "-b", "1024")
    subprocess.run(["/usr/sbin/e2fsck", "-fyD", disk], check=False, capture_output=True)
    flags = subprocess.run(
        ["/usr/sbin/debugfs", "-R", "htree_dump /many", disk], capture_output=True, text=True, check=True
    )
    assert "Number of entries" in flags.stdout
    assert sum(path.startswith("/many/") for path in _read(disk)) == _NAMES


def test_owners_and_devices_and_attributes(tmp_path: Path) -> None:
    disk = _made(tmp_path)
    value = tmp_path / "value"
    value.write_bytes(b"v" * 500)
    _debugfs(
        disk,
        "set_inode_field /one uid 70000",
        "set_inode_field /one gid 42",
        "mknod null c 1 3",
        "mknod disk b 259 300",
        "ea_set /one user.comment hello",
        f"ea_set -f {value} /empty user.large",
    )
    found = _read(disk)
    assert found["/one"].owner == "70000:42"
    assert (found["/null"].kind, found["/null"].content) == ("character device", "1:3")
    assert (found["/disk"].kind, found["/disk"].content) == ("block device", "259:300")
    assert found["/one"].attributes == f"user.comment={b'hello'.hex()}"
    assert found["/empty"].attributes == f"user.large=sha256:{hashlib.sha256(b'v' * 500).hexdigest()}"
    assert found["/short"].attributes == ""


REFUSED = [
    (("-O", "inline_data"), "ext4", r"it has features that are not read here \(0x8000\)"),
    (("-O", "^extents,^64bit"), "ext4", r"the inode [0-9]+ has no extents"),
]


@pytest.mark.parametrize(("options", "kind", "why"), REFUSED)
def test_what_is_not_understood_is_refused(tmp_path: Path, options: tuple[str, ...], kind: str, why: str) -> None:
    with pytest.raises(errors.ToolError, match=rf"disk.raw: {why}$"):
        _read(_made(tmp_path, *options, kind=kind))


def test_no_ext4_at_all(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(bytes(1 << 16))
    with pytest.raises(errors.ToolError, match=r"disk: it is no ext4$"):
        contents.of(Disk(tmp_path / "disk", 0))
    (tmp_path / "disk").write_bytes(b"")
    with pytest.raises(errors.ToolError, match=r"disk: it ends before its data$"):
        contents.of(Disk(tmp_path / "disk", 0))


def test_damage_has_its_sentence(tmp_path: Path) -> None:
    """Noise all over a small disk, one place after another: it is read, or refused, and never anything else."""
    disk, tree = tmp_path / "disk.raw", tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    (tree / "folder/file").write_text("text")
    (tree / "link").symlink_to("x" * 80)
    argv = ["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-b", "1024", "-N", "32", "-d", tree, disk, "512k"]
    subprocess.run(argv, check=True, capture_output=True)
    whole, outcomes = disk.read_bytes(), set()
    for at in range(1024, len(whole), 384):
        noise = hashlib.sha512(str(at).encode()).digest() * 2
        disk.write_bytes(whole[:at] + noise + whole[at + 128 :])
        try:
            contents.of(Disk(disk, 0))
            outcomes.add("read")
        except errors.ToolError as error:
            outcomes.add(error.sentence.removeprefix(f"{disk}: "))
    assert {"read", "it is no ext4", "it ends before its data"} <= outcomes


def test_a_file_that_claims_to_be_larger_than_any_disk(tmp_path: Path) -> None:
    disk = _made(tmp_path)
    _debugfs(disk, f"set_inode_field /one size {1 << 40}")
    with pytest.raises(errors.ToolError, match=r"the inode [0-9]+ has 1099511627776 bytes$"):
        _read(disk)
