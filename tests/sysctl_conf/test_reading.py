"""Names, lines, files and links, each as its readers take them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.sysctl_conf import Link, files, lines, place, proc_path
from generator.sysctl_conf import tree as trees
from generator.sysctl_conf.names import matches

BOTH = (lines.by_systemd, lines.by_procps)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward"),
        ("net/ipv4/ip_forward", "net/ipv4/ip_forward"),
        ("/net/ipv4/ip_forward", "net/ipv4/ip_forward"),
        ("net.ipv4..ip_forward.", "net/ipv4/ip_forward"),
        ("net.ipv4.conf.enp3s0/200.forwarding", "net/ipv4/conf/enp3s0.200/forwarding"),
        ("net/ipv4/conf/enp3s0.200/forwarding", "net/ipv4/conf/enp3s0.200/forwarding"),
        ("net.ipv4.conf.*.forwarding", "net/ipv4/conf/*/forwarding"),
        ("", ""),
        ("vm", "vm"),
    ],
)
def test_proc_path(key: str, path: str) -> None:
    assert proc_path(key) == path


@pytest.mark.parametrize(
    ("pattern", "path", "does"),
    [
        ("a/*/c", "a/b/c", True),
        ("a/*", "a/b/c", False),
        ("a/?", "a/b", True),
        ("a/[bc]", "a/c", True),
        ("a/[!bc]", "a/c", False),
        ("a/[^bc]", "a/d", True),
        ("a/[a-c]x", "a/bx", True),
        ("a/[]]", "a/]", True),
        ("a/[", "a/[", True),
        ("a/[z-a]", "a/z", False),
        ("a/\\*", "a/*", True),
        ("a/.", "a/b", False),
    ],
)
def test_globs(pattern: str, path: str, does: bool) -> None:
    assert matches(pattern, path) is does


@given(st.text(), st.text())
def test_globs_take_anything(pattern: str, path: str) -> None:
    matches(pattern, path)


@pytest.mark.parametrize("reader", BOTH)
@given(content=st.binary())
def test_a_reader_takes_any_bytes(reader, content: bytes) -> None:
    for found in reader("/f", content):
        assert found.path
        assert found.line >= 1


@given(st.binary())
def test_systemds_lines_are_no_more_than_line_ends(content: bytes) -> None:
    ends = sum(content.count(end) for end in (b"\n", b"\r", b"\0"))
    assert all(found.line <= ends + 1 for found in lines.by_systemd("/f", content))


def _read(content: bytes) -> tuple[list[tuple[str, str | None]], list[tuple[str, str | None]]]:
    systemd, procps = ([(found.path, found.value) for found in reader("/f", content)] for reader in BOTH)
    return systemd, procps


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a.b=1", [("a/b", "1")]),
        (b"  a.b  =  1 2  ", [("a/b", "1 2")]),
        (b"a.b==1", [("a/b", "=1")]),
        (b"a.b=", [("a/b", "")]),
        (b"-a.b=1", [("a/b", "1")]),
        (b"-a.b", [("a/b", None)]),
        (b"-", []),
        (b"=1", []),
        (b"a.b", []),
        (b"#a.b=1\n;a.b=1\n \n", []),
        (b"a.b=\xff", [("a/b", "\udcff")]),
    ],
)
def test_lines_that_both_read_alike(content: bytes, told: list[tuple[str, str | None]]) -> None:
    assert _read(content) == (told, told)


@pytest.mark.parametrize(
    ("content", "systemd", "procps"),
    [
        (b"a.b=1\ra.c=2", [("a/b", "1"), ("a/c", "2")], [("a/b", "1\ra.c=2")]),
        (b"a.b=1\0a.c=2", [("a/b", "1"), ("a/c", "2")], [("a/b", "1")]),
        (b"- a.b=1", [("a/b", "1")], []),
        (b"--a.b=1", [("-a/b", "1")], [("a/b", "1")]),
        (b"a.b=1\x0b", [("a/b", "1\x0b")], [("a/b", "1")]),
        (b"a.b=1\n#" + b"x" * (1 << 20) + b"\na.c=2", [("a/b", "1")], [("a/b", "1"), ("a/c", "2")]),
    ],
    ids=["carriage return", "zero byte", "blank after a dash", "two dashes", "vertical tab", "a megabyte"],
)
def test_lines_that_they_read_differently(content: bytes, systemd, procps) -> None:
    assert _read(content) == (systemd, procps)


def test_links() -> None:
    tree = {
        "/lib": Link("usr/lib"),
        "/usr/lib/x": b"x",
        "/etc/a": Link("../lib/./x"),
        "/etc/b": Link("a"),
        "/etc/round": Link("about"),
        "/etc/about": Link("/etc/round"),
        "/etc/null": Link("/dev/null"),
        "/etc/gone": Link("/nowhere"),
        "/etc/folder": None,
    }
    assert trees.read(tree, "/lib/x") == trees.read(tree, "/etc/b") == b"x"
    assert trees.real(tree, "/etc/round") is None
    assert [trees.read(tree, f"/etc/{name}") for name in ("round", "null", "gone", "folder")] == [None, b"", None, None]
    assert trees.names(tree, "/lib") == ["x"]
    assert place(tree, "/lib/y") == "/usr/lib/y"
    assert place(tree, "/etc/a") == "/etc/a"


def test_which_files_and_in_which_order() -> None:
    tree = {
        "/run/sysctl.d/b.conf": b"run",
        "/etc/sysctl.d/b.conf": b"etc",
        "/usr/lib/sysctl.d/a.conf": b"usr",
        "/usr/local/lib/sysctl.d/a.conf": b"local",
        "/lib/sysctl.d/c.conf": b"lib",
        "/etc/sysctl.d/.h.conf": b"hidden",
        "/etc/sysctl.conf": b"last",
        "/run/credstore/sysctl.extra": b"credential",
        "/usr/lib/credstore/sysctl.extra": b"not read",
    }
    assert [content for _, content in files.at_boot(tree)] == [b"local", b"etc", b"lib", b"credential"]
    assert [content for _, content in files.by_procps(tree)] == [b"hidden", b"local", b"etc", b"lib", b"last"]


@pytest.mark.parametrize("mask", [Link("/dev/null"), b""])
def test_a_masked_service_reads_nothing(mask: Link | bytes) -> None:
    tree = {"/etc/systemd/system/systemd-sysctl.service": mask, "/etc/sysctl.d/a.conf": b"a.b=1"}
    assert list(files.at_boot(tree)) == []
    assert list(files.by_procps(tree)) != []


def test_modules_at_boot() -> None:
    tree = {"/etc/modules-load.d/a.conf": b"# c\n br-netfilter \n;x\n\n", "/usr/lib/modules-load.d/a.conf": b"hidden"}
    assert files.modules_at_boot(tree) == {"br_netfilter", "bridge", "stp", "llc"}
    assert "nf_conntrack" in files.modules_at_boot({"/etc/modules-load.d/a.conf": b"ip_vs_rr"})
