"""The shell functions that take swap out of a root directory, and what the host reads there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import checks, data
from generator.checks import swap as swap_state
from generator.model import Expect, Observation, Plan
from generator.settings.swap import others
from generator.settings.swap.faults import swap_area

ROOT_LINE = b"LABEL=root\t/\text4\trw,errors=remount-ro\t0\t1\n"
SWAP_LINES = {
    "spaces": b"/swapfile none swap sw 0 0\n",
    "tabs": b"/swap.img\tnone\tswap\tsw\t0\t0\n",
    "three fields": b"UUID=0a none swap\n",
    "blanks before": b" \t PARTLABEL=s  none\t swap defaults\n",
    "options": b"LABEL=s none swap noauto,nofail,x-systemd.automount,pri=5 0 0\n",
    "a mount point": b"/dev/sda2 swap swap sw 0 0\n",
    "octal": b"/swap\\040file none swap sw 0 0\n",
    "octal in the type": b"/s none s\\167ap sw 0 0\n",
    "no newline": b"/s none swap sw 0 0",
    "carriage return": b"/s none swap sw 0 0\r\n",
    "carriage return after the type": b"/s none swap\r\n",
    "a comment behind": b"/s none swap sw 0 0 # ours\n",
    "cloud-init's": b"/swap.img\tnone\tswap\tsw,comment=cloudconfig\t0\t0\n",
}
OTHER_LINES = {
    "a comment": b"# /swapfile none swap sw 0 0\n",
    "a comment, indented": b"  \t#/swapfile none swap sw 0 0\n",
    "a mount point": b"/dev/sdb1 /mnt/swap ext4 defaults 0 2\n",
    "a label": b"LABEL=swap /srv ext4 defaults 0 2\n",
    "an option": b"tmpfs /tmp tmpfs swap 0 0\n",
    "a type that begins so": b"x /x swapfs defaults 0 0\n",
    "nothing": b"\n",
    "two fields": b"/swap swap\n",
    "not text": b"/dev/\xff\xfe /mnt/\xe4 ext4 defaults 0 0\n",
    "no newline": b"/dev/sdb1 /mnt ext4 defaults 0 2",
    "carriage return": b"/dev/sdb1 /mnt ext4 defaults 0 2\r\n",
}


def shell(root: Path, command: str, *arguments: str) -> str:
    """Run one function of the library in another root directory; swapoff takes the area out of its /proc/swaps."""
    library = "".join(
        (data.TEMPLATES / "swap" / "functions" / name).read_text() for name in ("areas.sh", "requests.sh")
    )
    swapoff = r"""swapoff() {
      name=$(printf %s "$2" | sed 's/ /\\\\040/g')
      grep -v "^$name " "$NODEBAKE_ROOT/proc/swaps" >"$work/s"
      cat "$work/s" >"$NODEBAKE_ROOT/proc/swaps"
    }
    """
    environment = {**os.environ, "NODEBAKE_ROOT": str(root), "LC_ALL": "C"}
    argv = ["sh", "-eu", "-c", f'work=$1; shift\n{swapoff}{library}{command} "$@"', "sh", str(root), *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("etc/default/grub.d", "etc/initramfs-tools/conf.d", "proc", "boot/grub"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/swaps").write_text("Filename\tType\tSize\tUsed\tPriority\n")
    return tmp_path


def without_swap(root: Path, before: bytes) -> bytes:
    (root / "etc/fstab").write_bytes(before)
    shell(root, "fstab_swaps_removed")
    return (root / "etc/fstab").read_bytes()


@pytest.mark.parametrize("name", SWAP_LINES)
def test_a_swap_line_goes_and_all_others_stay(name: str, root: Path) -> None:
    line = SWAP_LINES[name]
    others_ = ROOT_LINE + b"".join(other for other in OTHER_LINES.values() if other.endswith(b"\n"))
    assert without_swap(root, others_ + line) == others_
    assert without_swap(root, line.rstrip(b"\n") + b"\n" + others_) == others_
    assert len(swap_state.fstab((others_ + line).decode("utf-8", "replace"))) == 1


@pytest.mark.parametrize("name", OTHER_LINES)
def test_any_other_line_stays_byte_for_byte(name: str, root: Path) -> None:
    line = OTHER_LINES[name]
    assert without_swap(root, SWAP_LINES["tabs"] + ROOT_LINE + line) == ROOT_LINE + line
    assert swap_state.fstab(line.decode("utf-8", "replace")) == ()


FIELD = st.text("ab/\\#\r 0146swp", min_size=0, max_size=6) | st.sampled_from(["swap", "none", "s\\167ap", "#"])
LINE = st.tuples(st.sampled_from(["", " ", "\t"]), st.lists(FIELD, max_size=5), st.sampled_from([" ", "\t", "  "]))


@given(st.lists(LINE.map(lambda parts: parts[0] + parts[2].join(parts[1])), max_size=5), st.booleans())
def test_the_shell_and_the_host_read_fstab_alike(lines: list[str], ended: bool) -> None:
    """What is left names no swap to the host's own reader, and no other line is missing."""
    import tempfile  # noqa: PLC0415 - a fixture would be shared by all examples

    text = "\n".join(lines) + ("\n" if ended and lines else "")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "etc").mkdir()
        left = without_swap(Path(folder), text.encode()).decode()
    assert swap_state.fstab(left) == ()
    kept = [line for line in lines if not swap_state.fstab(line)]
    assert [line for line in left.split("\n") if line] == [line for line in kept if line]


def test_fstab_keeps_its_mode_and_may_be_a_link(root: Path) -> None:
    (root / "etc/real").write_bytes(ROOT_LINE + SWAP_LINES["tabs"])
    (root / "etc/real").chmod(0o640)
    (root / "etc/fstab").symlink_to("real")
    shell(root, "fstab_swaps_removed")
    assert (root / "etc/fstab").is_symlink()
    assert (root / "etc/real").read_bytes() == ROOT_LINE
    assert (root / "etc/real").stat().st_mode & 0o777 == 0o640


def test_without_a_swap_line_nothing_is_written(root: Path) -> None:
    (root / "etc/fstab").write_bytes(ROOT_LINE)
    before = (root / "etc/fstab").stat()
    shell(root, "fstab_swaps_removed")
    assert (root / "etc/fstab").stat().st_ino == before.st_ino
    assert not list((root / "etc").glob("*nodebake-new"))


def test_files_go_that_are_swap_areas_and_only_those(root: Path) -> None:
    """Named by /etc/fstab or on, with a blank in the name; but not the one that is kept, nor what only is called so."""
    for name in ("on", "listed", "with blank", "keep"):
        (root / name).write_bytes(swap_area(8192))
    (root / "data").write_bytes(b"not swap" * 1024)
    (root / "etc/fstab").write_bytes(
        b"/listed none swap\n/data none swap\n/with\\040blank none swap\n/dev/sda2 none swap\n"
    )
    rows = [f"{name} file 4 0 -2\n" for name in ("/on", "/with\\040blank", "/keep")]
    with (root / "proc/swaps").open("a") as swaps:
        swaps.writelines(rows)
    shell(root, "other_swap_gone", "/keep")
    assert sorted(path.name for path in root.iterdir() if path.is_file() and path.name not in ("areas", "s")) == [
        "data",
        "keep",
    ]
    assert (root / "etc/fstab").read_bytes() == b""
    assert [area.name for area in swap_state.areas((root / "proc/swaps").read_text())] == ["/keep"]


GRUB = """# how it boots
GRUB_CMDLINE_LINUX_DEFAULT="quiet splash resume=UUID=0a-1b"
GRUB_CMDLINE_LINUX="resume=/dev/sda2 ro resume_offset=34816"
GRUB_CMDLINE_LINUX_RECOVERY=resume=/dev/sda3
GRUB_TIMEOUT=0
"""
GRUB_AFTER = """# how it boots
GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"
GRUB_CMDLINE_LINUX="ro"
GRUB_CMDLINE_LINUX_RECOVERY=
GRUB_TIMEOUT=0
"""
BOOTS = {
    "etc/default/grub": (GRUB, GRUB_AFTER),
    "etc/default/grub.d/50-cloud.cfg": (
        "GRUB_CMDLINE_LINUX='systemd.swap_extra=/dev/sdb'\n",
        "GRUB_CMDLINE_LINUX=''\n",
    ),
    "boot/grub/grub.cfg": (
        "  linux /vmlinuz root=LABEL=root resume=LABEL=swap ro noresume\n",
        "  linux /vmlinuz root=LABEL=root ro noresume\n",
    ),
    "etc/kernel/cmdline": ("resume=/dev/sda2 root=/dev/sda1", "root=/dev/sda1"),
}


def test_kernel_arguments_go(root: Path) -> None:
    (root / "etc/kernel").mkdir()
    for path, (before, _) in BOOTS.items():
        (root / path).write_text(before)
    names = " ".join(others.sources()["kernel_arguments"]["names"])
    files = " ".join(others.sources()["kernel_arguments"]["files"])
    told = shell(root, "kernel_arguments", names, files).splitlines()
    assert "/etc/default/grub: resume=/dev/sda2" in told
    assert "/boot/grub/grub.cfg: resume=LABEL=swap" in told
    assert "/etc/default/grub: resume=/dev/sda3" in told
    assert len(told) == 7
    shell(root, "kernel_arguments_gone_do", names, files)
    assert {path: (root / path).read_text() for path in BOOTS} == {path: after for path, (_, after) in BOOTS.items()}
    assert shell(root, "kernel_arguments", names, files) == ""


def test_an_option_of_an_agent(root: Path) -> None:
    row = others.sources()["options"][0]
    arguments = (row["file"], row["key"], row["off"])
    assert shell(root, "option_off_ok", *arguments) == ""
    (root / "etc/waagent.conf").write_text(
        "# ResourceDisk.EnableSwap=y\nResourceDisk.EnableSwap=y\nResourceDisk.SwapSizeMB=1\n"
    )
    assert shell(root, "option_not_off", *arguments) == "/etc/waagent.conf: ResourceDisk.EnableSwap=y\n"
    shell(root, "option_off_do", *arguments)
    assert (root / "etc/waagent.conf").read_text() == (
        "# ResourceDisk.EnableSwap=y\nResourceDisk.EnableSwap=n\nResourceDisk.SwapSizeMB=1\n"
    )
    assert shell(root, "option_off_ok", *arguments) == ""


def test_an_initramfs_resumes_from_nothing(root: Path) -> None:
    assert shell(root, "resume_not_none") == ""  # without initramfs-tools nobody asks
    (root / "etc/initramfs-tools/initramfs.conf").write_text("MODULES=most\nRESUME=\n")
    (root / "etc/initramfs-tools/conf.d/resume").write_text("RESUME=UUID=0a\n")
    assert shell(root, "resume_not_none") == "the next initramfs will resume from: UUID=0a\n"
    shell(root, "resume_none_do")
    assert shell(root, "resume_not_none") == ""
    assert (root / "etc/initramfs-tools/initramfs.conf").read_text() == "MODULES=most\n"


def judged(kind: str, args: tuple[str, ...], out: str, code: int = 0) -> tuple[bool, str]:
    return checks.judge(Expect("s", "swap", kind, args, "as wanted", "y"), Observation(("x",), code, out.encode()))


HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
OURS = "/var/lib/nodebake/swap                  file\t\t131068\t\t0\t\t-2\n"
OTHER = "/dev/vda13                              partition\t65532\t\t0\t\t-2\n"


@pytest.mark.parametrize(
    ("swaps", "holds"),
    [(OURS, True), ("", False), (OTHER, False), (OURS + OTHER, False), (OURS.replace("131068", "65532"), False)],
)
def test_exactly_our_area_is_on(swaps: str, holds: bool) -> None:
    assert judged("only-swap", ("/var/lib/nodebake/swap", "131068"), HEAD + swaps)[0] is holds


def test_what_is_on_is_named() -> None:
    args = ("/var/lib/nodebake/swap", "131068")
    told = "swap is on: /var/lib/nodebake/swap (131068 KiB), /dev/vda13 (65532 KiB)"
    assert judged("only-swap", args, HEAD + OURS + OTHER) == (False, told)
    assert judged("no-swap", (), HEAD + OTHER) == (False, "swap is on: /dev/vda13")
    assert judged("no-swap", (), HEAD) == (True, "no swap is on")


@pytest.mark.parametrize("kind", ["links-to-null", "no-kernel-arguments", "option-off", "resume-none"])
def test_a_command_that_died_proves_nothing(kind: str) -> None:
    assert judged(kind, ("a", "b", "c"), "that is all\n") == (True, "as wanted")
    assert judged(kind, ("a", "b", "c"), "/a: resume=x\nthat is all\n") == (False, "/a: resume=x")
    assert not judged(kind, ("a", "b", "c"), "")[0]
    assert not judged(kind, ("a", "b", "c"), "sh: 1: Syntax error\n", 2)[0]


@pytest.mark.parametrize(
    "value", ["disabled", "{mode: limited, size: 128MiB}", "{mode: limited, size: 2GiB, device: zram}"]
)
def test_scripts_that_lie_on_the_node_pass_shellcheck(value: str, planned: Callable[[str], Plan]) -> None:
    scripts = [file for _, file in planned(f"swap: {value}\n").files if file.content.startswith(b"#!/bin/sh")]
    assert {file.mode for file in scripts} == {"0755"}
    for file in scripts:
        subprocess.run(["shellcheck", "-"], input=file.content, check=True)
