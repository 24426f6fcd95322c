"""What is read out of a console, and that nothing in it can hurt a terminal."""

import re
from pathlib import Path

import pytest

from generator.guest import console, sentences


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain \xc3\xa9\ttab", "plain é\ttab"),
        (b"\x1b[0;32m  OK  \x1b[0m] Reached", "  OK  ] Reached"),
        (b"\x1b[1;31mKernel panic\x1b[0m - not syncing", "Kernel panic - not syncing"),
        (b"\x1b]0;a title\x07text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bP1$r0m\x1b\\text", "text"),
        (b"\x1bc\x1b7\x1b(Btext", "text"),
        (b"\x1b[2J\x1b[1;1Hgrub> ", "\n\ngrub> "),
        (b"one\rtwo\r\nthree", "one\ntwo\n\nthree"),
        (b"a\0b\x08c\x7fd", "abcd"),
        (b"\xff\xfeKernel", "\ufffd\ufffdKernel"),
        (b"\xc2\x9b31mred", "31mred"),  # CSI as a C1 character
        ("gpj\u202eexe\u2066".encode(), "gpjexe"),
        (b"\x1b", ""),
        (b"\x1b[12", "12"),  # cut off: what is left is harmless, and comes again whole with the next bytes
        (b"\x1b]never ended", "never ended"),
    ],
)
def test_clean(raw: bytes, text: str) -> None:
    assert console.clean(raw) == text


def test_nothing_that_moves_a_terminal_is_left() -> None:
    every = bytes(range(256)) * 3 + b"".join(b"\x1b" + bytes([byte]) for byte in range(256))
    left = console.clean(every)
    assert not [char for char in left if char not in "\n\t" and (ord(char) < 32 or 127 <= ord(char) < 160)]


TROUBLES = [
    (b"[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs", sentences.panicked),
    (b"[    1.2] \x1b[31mKernel panic\x1b[0m - not\0 syncing: \xff", sentences.panicked),
    (b"[    4.07] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI", sentences.slipped),
    (b"[    4.07] int3: 0000 [#2] PREEMPT SMP NOPTI", sentences.slipped),  # Linux before 6.10
    (b"\r\nYou are in emergency mode. After logging in, type", sentences.rescue_shell),
    (b"\x1b[0m\x1b[2KYou are in rescue mode. After logging in", sentences.rescue_shell),
    (b"Welcome to emergency mode! After logging in", sentences.rescue_shell),
    (b"Entering emergency mode. Exit the shell to continue.", sentences.rescue_shell),
    (b"Give root password for maintenance\r\n", sentences.rescue_shell),
    (b"Cannot open access to console, the root account is locked.", sentences.rescue_shell),
    (
        b"[\x1b[0;32m  OK  \x1b[0m] Reached target \x1b[0;1;39memergency.target\x1b[0m - Emergency",
        sentences.rescue_shell,
    ),
    (b"\r\n(initramfs) ", sentences.no_root),
    (b"Gave up waiting for root file system device.  Common problems:", sentences.no_root),
    (b"dracut-emergency[321]: Warning", sentences.no_root),
    (b"dracut:/# ", sentences.no_root),
    (b"No bootable device.", sentences.no_boot),
    (b"BdsDxe: No bootable option or device was found.", sentences.no_boot),
    (b'BdsDxe: starting Boot0002 "EFI Internal Shell" from Fv(7CB8)', sentences.no_boot),
    (b"grub rescue> ", sentences.no_boot),
    (b"error: unknown filesystem.\r\nEntering rescue mode...\r\n", sentences.no_boot),
    (b"\x1b[2J\x1b[5;1Hgrub> ", sentences.no_boot),
]


@pytest.mark.parametrize(("raw", "sentence"), TROUBLES)
def test_trouble(raw: bytes, sentence: console.Sentence) -> None:
    assert console.trouble(console.clean(raw)) is sentence


@pytest.mark.parametrize(
    "line",
    [
        "Gave up waiting for suspend/resume device",
        "error: file `/boot/grub/locale/en.gmo' not found.",
        "systemd[1]: Starting emergency-shell-docs, which says: You are in emergency mode",
        "cloud-init: echo '(initramfs)' > notes",
        "the docs say: type exit at the grub> prompt",
        "Welcome to GRUB!",
        "[    0.0] Command line: panic=-1 BOOT_IMAGE=/vmlinuz",
    ],
)
def test_no_trouble(line: str) -> None:
    assert console.trouble(line) is None


BOOT = (
    b"\x1b[2JSeaBIOS (version 1.16.2)\r\nBooting from Hard Disk...\r\n"
    b"[    0.000000] Linux version 6.12.1 (debian)\r\n"
    b"\r\nWelcome to \x1b[1mDebian GNU/Linux 13 (trixie)\x1b[0m!\r\n\r\n"
    b"[\x1b[0;32m  OK  \x1b[0m] Reached target \x1b[0;1;39mmulti-user.target\x1b[0m - Multi-User System.\r\n"
    b"Cloud-init v. 25.1.4 running 'modules:final'\r\n"
    b"Cloud-init v. 25.1.4 finished at Thu, 01 Jan 2026\r\n\r\nnode login: "
)
STAGES = [
    *("firmware", "boot loader", "kernel", "Debian GNU/Linux 13 (trixie)"),
    *("multi-user", "cloud-init finished", "login prompt"),
]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_stages_however_the_bytes_are_cut(tmp_path: Path, size: int) -> None:
    seen: list[str] = []
    listening = console.Console(tmp_path / "log", seen.append)
    for place in range(0, len(BOOT), size):
        listening.feed(BOOT[place : place + size])
    assert seen == STAGES


@pytest.mark.parametrize(("raw", "sentence"), TROUBLES)
def test_trouble_byte_by_byte(tmp_path: Path, raw: bytes, sentence: console.Sentence) -> None:
    listening = console.Console(tmp_path / "log", print)
    for byte in b"before\r\n" + raw:
        listening.feed(bytes([byte]))
    assert listening.trouble is sentence


def test_all_stages_in_one_piece(tmp_path: Path) -> None:
    seen: list[str] = []
    console.Console(tmp_path / "log", seen.append).feed(BOOT)
    assert seen == STAGES


def test_log_and_tail_are_clean(tmp_path: Path) -> None:
    listening = console.Console(tmp_path / "log", print)
    listening.feed(b"\x1b[31mone\x1b[0m\r\n\r\ntw\xff")
    listening.feed(b"o\x1b]0;title\x07")
    assert listening.tail() == "one\ntw\ufffdo"
    listening.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line[8:] for line in lines] == ["  one", "  tw\ufffdo"]
    assert all(re.fullmatch(r" +\d+\.\d\d", line[:8]) for line in lines)


def test_tail_has_the_last_lines(tmp_path: Path) -> None:
    listening = console.Console(tmp_path / "log", print)
    listening.feed(b"".join(b"line %d\r\n" % number for number in range(100)))
    assert listening.tail().splitlines() == [f"line {number}" for number in range(85, 100)]


def test_find_looks_at_every_line_once_and_at_a_prompt(tmp_path: Path) -> None:
    listening = console.Console(tmp_path / "log", print)
    listening.feed(b"one 1\r\none 2\r\nprompt")
    found = [listening.find(re.compile("one")) for _ in range(3)]
    assert found == ["one 1", "one 2", None]
    assert listening.find(re.compile("prom")) == "prompt"
    assert listening.find(re.compile("prom")) is None
    listening.feed(b" and more\r\nprompt\r\n")
    assert listening.find(re.compile("prom")) == "prompt"
    assert listening.find(re.compile("prom")) is None


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    listening = console.Console(tmp_path / "log", print)
    for _ in range(100):
        listening.feed(b"x" * 1000)
    assert max(map(len, listening.tail().splitlines())) < 20_000
