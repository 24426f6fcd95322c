"""What is written to a disk as bytes, read back by the tools that others would use."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
import uuid
from pathlib import Path

import pytest

from generator import distro, proc
from generator.base import disk, sources, swap, tree
from generator.base.gpt import MIB
from generator.base.recipe import Recipe
from generator.base.variants import VARIANTS

_EPOCH = 1_700_000_000
_SEED = uuid.UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A tiny root file system with what is easily lost: owners, modes, links, capabilities, a hole."""
    target = tmp_path / "packages.tar"
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("etc", "etc/apt", "etc/ssh", "var", "var/log", "var/lib", "var/cache", "usr", "tmp", "root"):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(info)
        _file(archive, "usr/setuid", 0o4755, owner=(0, 42))
        _file(archive, "usr/owned", 0o640, owner=(101, 102))
        _file(archive, "usr/able", 0o755, capability=b"\x01\x00\x00\x02\x00\x20\x00\x00" + b"\0" * 12)
        for left in (
            "etc/ssh/ssh_host_rsa_key",
            "var/log/build.log",
            "etc/hostname",
            "etc/resolv.conf",
            "packages.tsv",
        ):
            _file(archive, left, 0o644)
        for name, kernel in (
            ("vmlinuz", "one"),
            ("vmlinuz.old", "one"),
            ("initrd.img", "two"),
            ("initrd.img.old", "1"),
        ):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, f"boot/{kernel}"
            archive.addfile(link)
    return target


def _file(
    archive: tarfile.TarFile, name: str, mode: int, owner: tuple[int, int] = (0, 0), capability: bytes = b""
) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.size, info.mtime = mode, 4, 2_000_000_000
    info.uid, info.gid = owner
    if capability:
        info.pax_headers["SCHILY.xattr.security.capability"] = capability.decode("latin-1")
    archive.addfile(info, io.BytesIO(b"host"))


def _made(stage: Path, packages: Path, variant: str) -> Path:
    facts = distro.load("debian-13")
    recipe = Recipe(facts, VARIANTS[variant], sources.of(facts, None), _EPOCH, _SEED)
    stage.mkdir()
    tree.write(stage / "overlay.tar", recipe)
    return disk.make(stage, recipe, packages)


def _debugfs(image: Path, variant: str, command: str) -> str:
    root = disk.layout(distro.load("debian-13"), VARIANTS[variant])[-1]
    return proc.run(["debugfs", "-R", command, f"{image}?offset={root.offset}"])


@pytest.mark.parametrize(
    ("variant", "layout"),
    [
        ("stock", [(14, 1, 1), (15, 2, 64), (1, 66, 1800)]),
        ("swap", [(14, 1, 1), (15, 2, 64), (13, 66, 64), (1, 130, 1800)]),
        ("swap-gpt", [(14, 1, 1), (15, 2, 64), (13, 66, 64), (1, 130, 1800)]),
    ],
)
def test_the_partitions_lie_where_they_should(variant: str, layout: list[tuple[int, int, int]]) -> None:
    parts = disk.layout(distro.load("debian-13"), VARIANTS[variant])
    assert [(part.number, part.start, part.size) for part in parts] == layout


def test_the_table_is_what_sfdisk_reads(tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/local/bin:/usr/bin:/bin")  # an ordinary user's: mke2fs is not on it
    image = _made(tmp_path / "stage", packages, "swap")
    assert "No errors detected." in proc.run(["sfdisk", "--verify", image])
    table = json.loads(subprocess.check_output(["/usr/sbin/sfdisk", "--json", image]))["partitiontable"]
    assert (table["label"], table["firstlba"], table["id"]) == ("gpt", 34, str(uuid.uuid5(_SEED, "disk")).upper())
    assert [(part["name"], part["start"], part["size"]) for part in table["partitions"]] == [
        ("root", 130 * 2048, 1800 * 2048),
        ("swap", 66 * 2048, 64 * 2048),
        ("bios", 2048, 2048),
        ("esp", 2 * 2048, 64 * 2048),
    ]


def test_grub_is_found_where_the_boot_record_points(tmp_path: Path, packages: Path) -> None:
    with _made(tmp_path / "stage", packages, "stock").open("rb") as file:
        image = file.read(70 * MIB)
    first = int.from_bytes(image[0x5C:0x64], "little")
    core = image[first * 512 :]
    assert core[:2] == b"\x52\x56", "not the first instructions of grub's diskboot.S (push dx, push si)"
    assert int.from_bytes(core[0x1F4:0x1FC], "little") == first + 1
    assert image[2 * MIB + 510 : 2 * MIB + 512] == b"\x55\xaa"
    listing = proc.run(["mdir", "-b", "-i", f"{tmp_path / 'stage' / 'disk.raw'}@@2M", "::/EFI/BOOT"])
    assert "BOOTX64.EFI" in listing


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("/usr/setuid", ["Mode:  04755", "User:     0   Group:    42"]),
        ("/usr/owned", ["Mode:  0640", "User:   101   Group:   102"]),
        ("/usr/able", ["security.capability (20)"]),
        ("/tmp", ["Mode:  01777"]),
        ("/etc/machine-id", ["Mode:  0444", "Size: 0"]),
        ("/etc/resolv.conf", ['Fast link dest: "../run/systemd/resolve/stub-resolv.conf"']),
        ("/swapfile", ["Mode:  0600", f"Size: {64 * MIB}", f"Blockcount: {64 * MIB // 512}"]),
        ("/initrd.img.old", ["Type: symlink"]),
    ],
)
@pytest.mark.parametrize("image", ["swap"], indirect=True)
def test_the_root_file_system_keeps(image: Path, path: str, facts: list[str]) -> None:
    told = _debugfs(image, "swap", f"stat {path}")
    assert all(fact in told for fact in facts), told


@pytest.mark.parametrize("image", ["swap"], indirect=True)
def test_no_inode_tells_when_it_was_made(image: Path) -> None:
    """Two bases of the same packages would differ in when their tree was unpacked."""
    told = {path: _debugfs(image, "swap", f"stat {path}") for path in ("/", "/usr", "/usr/owned", "/tmp", "/vmlinuz")}
    epoch = hex(_EPOCH)
    for path, said in told.items():
        times = re.findall(r"([acm]time|crtime): (0x[0-9a-f]+)", said)
        assert {time for name, time in times if name != "mtime"} == {epoch}, path
        assert all(int(time, 16) <= _EPOCH for _, time in times), path


@pytest.mark.parametrize("image", ["swap"], indirect=True)
def test_the_root_file_system_is_sound(image: Path) -> None:
    root = disk.layout(distro.load("debian-13"), VARIANTS["swap"])[-1]
    argv = ["/usr/sbin/e2fsck", "-fn", f"{image}?offset={root.offset}"]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("path", ["/etc/ssh/ssh_host_rsa_key", "/var/log/build.log", "/packages.tsv", "/vmlinuz.old"])
@pytest.mark.parametrize("image", ["swap"], indirect=True)
def test_the_root_file_system_loses(image: Path, path: str) -> None:
    assert "File not found" in _debugfs(image, "swap", f"stat {path}")


@pytest.fixture(scope="module")
def _images() -> dict[str, Path]:
    return {}


@pytest.fixture
def image(
    request: pytest.FixtureRequest, _images: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, packages: Path
) -> Path:
    """One disk for all the tests that only read it."""
    if request.param not in _images:
        _images[request.param] = _made(tmp_path_factory.mktemp("disk") / "stage", packages, request.param)
    return _images[request.param]


@pytest.mark.parametrize("image", ["swap"], indirect=True)
def test_fstab(image: Path) -> None:
    assert _debugfs(image, "swap", "cat /etc/fstab").splitlines()[-2:] == [
        "LABEL=root\t/\text4\trw,errors=remount-ro\t0\t1",
        "/swapfile\tnone\tswap\tsw\t0\t0",
    ]


@pytest.mark.parametrize("image", ["swap"], indirect=True)
def test_the_file_system_is_sound(image: Path) -> None:
    proc.run(["e2fsck", "-fn", f"{image}?offset={130 * MIB}"])


def test_swap_is_what_blkid_reads(tmp_path: Path) -> None:
    area = tmp_path / "area"
    area.write_bytes(swap.file(MIB, _SEED))
    told = proc.run(["blkid", "-p", "-o", "export", area])
    assert {"TYPE=swap", "LABEL=swap", f"UUID={_SEED}", "VERSION=1"} <= set(told.splitlines())
    assert not any(block == bytes(4096) for block in _blocks(area.read_bytes())), "mke2fs would leave a hole here"


def _blocks(content: bytes) -> list[bytes]:
    return [content[at : at + 4096] for at in range(0, len(content), 4096)]
