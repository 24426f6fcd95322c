"""Changes to a disk that nobody runs, read back by e2fsprogs' own checker."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from generator import errors, offline
from generator.model import Amend, Edit, Partition
from generator.offline import Disk

ROOT_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
SWAP_TYPE = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
MIB = 1 << 20


def _tool(*argv: object) -> str:
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A disk with a larger partition before its root; in it a folder, a file and a link to the folder."""
    tree, raw, qcow2 = tmp_path / "tree", tmp_path / "built.raw", tmp_path / "image.qcow2"
    (tree / "usr/lib").mkdir(parents=True)
    (tree / "usr/lib/old").write_text("old")
    (tree / "lib").symlink_to("usr/lib")
    with raw.open("wb") as file:
        file.truncate(32 * MIB)
    table = f"label: gpt\nstart=1MiB, size=16MiB\nstart=17MiB, size=8MiB, type={ROOT_TYPE}\n"
    subprocess.run(["/usr/sbin/sfdisk", "-q", raw], input=table, text=True, check=True)
    _tool("/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", tree, "-E", f"offset={17 * MIB}", raw, "8M")
    _tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2)
    return qcow2


@pytest.fixture
def disk(image: Path, tmp_path: Path) -> Disk:
    return offline.copy(image, tmp_path / "disk.raw")


def _sound(disk: Disk) -> bool:
    argv = ["/usr/sbin/e2fsck", "-fn", f"{disk.path}?offset={disk.offset}"]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def test_the_root_is_found(disk: Disk) -> None:
    assert disk.offset == 17 * MIB
    assert offline.read(disk, "/usr/lib/old") == offline.read(disk, "/lib/old") == b"old"
    assert offline.read(disk, "/usr/lib") is None
    assert offline.read(disk, "/usr/lib/none") is None


EDITS = [
    Edit("/etc/sysctl.d/new.conf", b"\0\xff\n" * 5000),
    Edit("/usr/lib/old", b"new", "0600"),
    Edit("/lib/by-a-link/file", b""),
    Edit('/a b "c".conf', b"quoted"),
    Edit("/null", None, link="/dev/null"),
    Edit("/far", None, link="/" + "far/" * 30),
    Edit("/gone", b"first"),
    Edit("/gone", None),
    Edit("/never/there", None),
]


def test_changes(disk: Disk) -> None:
    offline.edit(disk, EDITS)
    assert _sound(disk)
    left = {edit.path: edit.content for edit in EDITS}
    assert {path: offline.read(disk, path) for path in left} == left
    stat = _tool("/usr/sbin/debugfs", "-R", "stat /usr/lib/old", f"{disk.path}?offset={disk.offset}")
    assert "Mode:  0600" in stat
    assert offline.read(disk, "/usr/lib/by-a-link/file") == b""


def test_a_link_takes_the_place_of_a_file_and_a_file_of_a_link(disk: Disk) -> None:
    offline.edit(disk, [Edit("/usr/lib/old", None, link="new"), Edit("/usr/lib/new", b"1")])
    offline.edit(disk, [Edit("/usr/lib/old", b"2")])
    assert offline.read(disk, "/usr/lib/new") == b"1"
    assert offline.read(disk, "/usr/lib/old") == b"2"
    assert _sound(disk)


def test_what_is_there(disk: Disk) -> None:
    offline.edit(disk, [Edit("/usr/lib/.hidden", b""), Edit("/usr/lib/new", None, link="old")])
    assert offline.kind(disk, "/lib/old") == ("regular", "")
    assert offline.kind(disk, "/lib") == ("symlink", "usr/lib")
    assert offline.kind(disk, "/usr/lib/old/below-a-file") == ("", "")
    assert offline.listing(disk, "/usr/lib") == {".hidden": "regular", "new": "symlink", "old": "regular"}
    assert offline.listing(disk, "/usr") == {"lib": "directory"}
    assert offline.listing(disk, "/none") == offline.listing(disk, "/usr/lib/old") == {}


def test_appended(disk: Disk) -> None:
    offline.edit(disk, [Edit("/usr/lib/old", b"er", append=True), Edit("/usr/lib/new", b"1", append=True)])
    assert offline.read(disk, "/usr/lib/old") == b"older"
    assert offline.read(disk, "/usr/lib/new") == b"1"


def _stat(disk: Disk, path: str) -> str:
    return _tool("/usr/sbin/debugfs", "-R", f"stat {path}", f"{disk.path}?offset={disk.offset}")


def test_what_is_there_is_amended(disk: Disk) -> None:
    """Nothing but what was asked for: not the mode with the text, not the owner with the mode."""
    offline.edit(disk, [Edit("/etc/list", b"one:1\ntwo:2\n\xff\n", "0640")])
    offline.edit(disk, [Edit("/etc/list", None, amend=Amend(owner=65534))])
    offline.edit(disk, [Edit("/etc/list", None, amend=Amend(lines=((r"^(two):.*", r"\1:x"), (r"\Z", "end"))))])
    assert offline.read(disk, "/etc/list") == b"one:1\ntwo:x\n\xff\nend"
    assert "Mode:  0640" in _stat(disk, "/etc/list")
    assert "User: 65534   Group:     0" in _stat(disk, "/etc/list")
    offline.edit(disk, [Edit("/lib/../../etc/list", None, amend=Amend(mode="4755"))])
    assert "Mode:  04755" in _stat(disk, "/etc/list")
    assert "User: 65534" in _stat(disk, "/etc/list")
    assert _sound(disk)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Edit("/etc/none", None, amend=Amend(mode="0600")), "/etc/none is no file"),
        (Edit("/lib", None, amend=Amend(mode="0600")), "/lib is no file"),
        (Edit("/usr/lib/old", None, amend=Amend(lines=(("^new", "x"),))), "/usr/lib/old has nothing like ^new"),
    ],
)
def test_what_is_not_there_cannot_be_amended(disk: Disk, edit: Edit, sentence: str) -> None:
    with pytest.raises(errors.ToolError, match=re.escape(sentence)):
        offline.edit(disk, [edit])
    assert offline.read(disk, "/usr/lib/old") == b"old"
    assert _sound(disk)


def test_a_partition_more(disk: Disk) -> None:
    """At the end, with its bytes; what was there stays, and both copies of the table are whole."""
    offline.edit(disk, [Partition(SWAP_TYPE, 3, b"head"), Partition(SWAP_TYPE, 1, b""), Edit("/after", b"1")])
    verified = _tool("/usr/sbin/sfdisk", "--verify", disk.path)
    table = json.loads(_tool("/usr/sbin/sfdisk", "--json", disk.path))["partitiontable"]
    *_, root, first, second = table["partitions"]
    assert "No errors detected" in verified
    assert root["start"] * 512 == offline.find(disk.path).offset == disk.offset
    assert [(part["type"], part["size"] * 512) for part in (first, second)] == [(SWAP_TYPE, 3 * MIB), (SWAP_TYPE, MIB)]
    assert first["uuid"] != second["uuid"]
    with disk.path.open("rb") as file:
        file.seek(first["start"] * 512)
        assert file.read(4) == b"head"
        file.seek(-512, 2)
        assert file.read(8) == b"EFI PART"
    assert offline.read(disk, "/after") == b"1"
    assert _sound(disk)


def test_a_table_that_is_no_gpt_gets_no_partition(tmp_path: Path) -> None:
    path = tmp_path / "mbr.raw"
    with path.open("wb") as file:
        file.truncate(8 * MIB)
    subprocess.run(["/usr/sbin/sfdisk", "-q", path], input="label: dos\n2048,\n", text=True, check=True)
    with pytest.raises(errors.ToolError, match="no GPT of 128 entries"):
        offline.edit(Disk(path, MIB), [Partition(SWAP_TYPE, 1, b"")])


@pytest.mark.parametrize("path", ["/usr/lib/old/below-a-file", "/usr/lib"])
def test_what_cannot_be_is_told(disk: Disk, path: str) -> None:
    with pytest.raises(errors.ToolError):
        offline.edit(disk, [Edit(path, b"x")])
    assert _sound(disk)


def test_links_in_a_circle(disk: Disk) -> None:
    offline.edit(disk, [Edit("/one", None, link="two"), Edit("/two", None, link="one")])
    with pytest.raises(errors.ToolError, match="is no folder"):
        offline.edit(disk, [Edit("/one/file", b"x")])


def test_words_that_debugfs_cannot_be_told(disk: Disk) -> None:
    with pytest.raises(ValueError, match="cannot be told"):
        offline.edit(disk, [Edit("/a\nquit", b"x")])


def test_a_disk_without_partitions(tmp_path: Path) -> None:
    path = tmp_path / "empty.raw"
    with path.open("wb") as file:
        file.truncate(8 * MIB)
    subprocess.run(["/usr/sbin/sfdisk", "-q", path], input="label: gpt\n", text=True, check=True)
    with pytest.raises(errors.ToolError, match="no partitions"):
        offline.find(path)


def test_a_copy_has_the_bytes_and_the_holes(disk: Disk, tmp_path: Path) -> None:
    copy = offline.again(disk, tmp_path / "copy.raw")
    assert copy.offset == disk.offset
    assert copy.path.read_bytes() == disk.path.read_bytes()
    assert copy.path.stat().st_blocks <= disk.path.stat().st_blocks < disk.path.stat().st_size // 512
    offline.edit(copy, [Edit("/usr/lib/old", b"new")])
    assert (offline.read(disk, "/usr/lib/old"), offline.read(copy, "/usr/lib/old")) == (b"old", b"new")


@pytest.mark.parametrize("size", [0, 1, MIB])
def test_a_copy_of_what_is_all_data_or_all_hole(size: int, tmp_path: Path) -> None:
    for content in (b"x" * size, b"\0" * size):
        (tmp_path / "old").write_bytes(content)
        offline.again(Disk(tmp_path / "old", 0), tmp_path / "new")
        assert (tmp_path / "new").read_bytes() == content
    with (tmp_path / "old").open("wb") as file:
        file.truncate(size)
    offline.again(Disk(tmp_path / "old", 0), tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == bytes(size)
