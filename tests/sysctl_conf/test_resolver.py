"""The resolver against a small model of its own, the kernel's part, and the words for an outcome."""

from __future__ import annotations

import fnmatch
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import data
from generator.sysctl_conf import (
    Assignment,
    Link,
    Outcome,
    Resolver,
    Tree,
    as_read,
    conflicts,
    other_names,
    told,
    writes_others,
)
from generator.sysctl_conf.kernel import taken
from generator.sysctl_conf.names import proc_path
from tests.sysctl_conf.corpus import DISTROS, Case, cases, resolver, tree
from tests.sysctl_conf.trees import lay

KEYS = ("vm/a", "vm/b", "vm/c")
NAMES = st.sampled_from(["10-x.conf", "50-y.conf", "B.conf", "a.conf"])
FOLDERS = ("/etc", "/run", "/usr/local/lib", "/usr/lib")
LINE = st.tuples(st.sampled_from([*KEYS, "vm/?", "vm/[ab]", "vm/[bc]"]), st.sampled_from(["1", "2", "3", None]))
FILES = st.dictionaries(st.tuples(st.sampled_from(FOLDERS), NAMES), st.lists(LINE, max_size=4), max_size=8)


def _text(rows: list[tuple[str, str | None]]) -> bytes:
    return "".join(f"-{key}\n" if value is None else f"{key} = {value}\n" for key, value in rows).encode()


def _model(written: dict[tuple[str, str], list[tuple[str, str | None]]], key: str) -> str | None:
    """systemd's rules, said in another way: by looking back from the end."""
    shown = {name: next(f for f in FOLDERS if (f, name) in written) for _, name in written}
    rows = [row for name in sorted(shown) for row in written[shown[name], name]]
    own = [value for found, value in rows if found == key]
    if own:
        return own[-1]
    ranks: dict[str, int] = {}
    for glob in {found for found, _ in rows if fnmatch.fnmatchcase(key, found)}:
        turns = [(number, value) for number, (found, value) in enumerate(rows) if found == glob]
        while len(turns) > 1 and turns[-2][1] == turns[-1][1]:
            turns.pop()
        if turns[-1][1] is not None:
            ranks[glob] = turns[-1][0]
    return rows[max(ranks.values())][1] if ranks else None


@given(FILES)
def test_it_agrees_with_the_model(written: dict[tuple[str, str], list[tuple[str, str | None]]]) -> None:
    tree = {f"{folder}/sysctl.d/{name}": _text(rows) for (folder, name), rows in written.items()}
    found = Resolver(tree).at_boot(KEYS)
    assert {key: outcome.value for key, outcome in found.items()} == {key: _model(written, key) for key in KEYS}


@given(FILES)
def test_the_line_it_names_says_so(written: dict[tuple[str, str], list[tuple[str, str | None]]]) -> None:
    tree = {f"{folder}/sysctl.d/{name}": _text(rows) for (folder, name), rows in written.items()}
    files = Resolver(tree)
    for outcome in (*files.at_boot(KEYS).values(), *files.by_procps(KEYS).values()):
        if outcome.by is not None:
            line = tree[outcome.by.file].splitlines()[outcome.by.line - 1]
            assert line.endswith(f"= {outcome.value}".encode())


@given(
    st.dictionaries(st.sampled_from(["/etc/sysctl.d/a.conf", "/lib/sysctl.d/b.conf", "/etc/sysctl.conf"]), st.binary())
)
def test_any_bytes_are_taken(files: dict[str, bytes]) -> None:
    found = Resolver({"/lib": Link("usr/lib"), **files})
    found.at_boot(["net.ipv4.ip_forward"])
    found.by_procps(["net.ipv4.ip_forward"])


@pytest.mark.parametrize(
    ("path", "held", "text", "value"),
    [
        ("vm/x", None, "1", "1"),
        ("vm/x", "60", "1 # c", "1"),
        ("vm/x", "60", "1# c", None),
        ("vm/x", "60", "", None),
        ("vm/x", "60", "1\r2", None),
        ("vm/x", "60", "yes", None),
        ("vm/x", "60", "0x1F", "31"),
        ("vm/x", "60", "017", "15"),
        ("vm/x", "60", "08", None),
        ("vm/x", "60", "-1", "-1"),
        ("vm/x", "60", "1 2 3", "1"),
        ("vm/x", "1 2 3", "9", "9 2 3"),
        ("vm/x", None, "1  2\t3", "1 2 3"),
        ("vm/x", None, "bbr", "bbr"),
        ("vm/x", None, "30000-32767", "30000-32767"),
        ("vm/swappiness", "60", "200", "200"),
        ("vm/swappiness", "60", "201", None),
        ("vm/swappiness", "60", "-1", None),
        ("net/bridge/bridge-nf-call-iptables", "1", "2", "1"),
        ("net/bridge/bridge-nf-call-iptables", None, "-3", "1"),
        ("net/bridge/bridge-nf-call-ip6tables", "1", "0", "0"),
        ("net/ipv4/conf/all/forwarding", "1", "99999999999", None),
        ("net/ipv4/conf/all/forwarding", "1", "2", "2"),
        ("net/ipv4/conf/eth7/rp_filter", None, "2147483648", None),
        ("net/ipv4/conf/eth7/rp_filter", None, "2147483647", "2147483647"),
        ("net/netfilter/nf_conntrack_max", None, "99999999999", None),
        ("net/ipv4/tcp_tw_reuse", "2", "9", None),
        ("net/core/somaxconn", "4096", "-1", None),
        ("net/core/rmem_max", "212992", "4294967296", None),
        ("kernel/pid_max", None, "300", None),
        ("kernel/pid_max", None, "4194304", "4194304"),
        ("kernel/pid_max", None, "99999999", None),
        ("kernel/modules_disabled", "0", "0", None),
        ("vm/dirty_bytes", "0", "8191", None),
        ("vm/dirty_bytes", "0", "4294967296", "4294967296"),
        ("net/ipv4/tcp_congestion_control", "cubic", "nosuch", None),
        ("net/ipv4/tcp_congestion_control", "cubic", "bbr", "bbr"),
    ],
)
def test_what_the_kernel_takes(path: str, held: str | None, text: str, value: str | None) -> None:
    assert taken(path, held, text) == value


def test_names_of_a_parameter() -> None:
    assert other_names("net/ipv4/ip_forward") == ("net/ipv4/conf/all/forwarding",)
    assert other_names("net/ipv4/conf/all/forwarding") == ("net/ipv4/ip_forward",)
    assert other_names("vm/swappiness") == ()
    assert writes_others("net/ipv4/ip_forward")
    assert not writes_others("vm/swappiness")
    assert as_read("vm.swappiness", "0x10") == "16"


LINE_2 = Assignment("net/ipv4/ip_forward", "0", "/etc/sysctl.d/a.conf", 2)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome("0", LINE_2, LINE_2), "0 by /etc/sysctl.d/a.conf:2"),
        (Outcome(None, None, None), "no file in sysctl.d sets it"),
        (
            Outcome("0", None, Assignment("net/ipv4/ip_forward", None, "/f", 3)),
            "nothing sets it: /f:3 takes it out again (-net.ipv4.ip_forward)",
        ),
        (
            Outcome("0", None, Assignment("net/ipv4/ip_forward", "on", "/f", 3)),
            "nothing sets it: the kernel refuses 'on' of /f:3",
        ),
    ],
)
def test_words(outcome: Outcome, words: str) -> None:
    assert told(outcome, "net.ipv4.ip_forward") == words


def test_another_name_is_told() -> None:
    assert told(Outcome("0", LINE_2, LINE_2), "net.ipv4.conf.all.forwarding").endswith(":2 (net.ipv4.ip_forward)")


def test_conflicts_say_when_and_where() -> None:
    tree: Tree = {
        "/etc/sysctl.d/99-sysctl.conf": Link("../sysctl.conf"),
        "/etc/sysctl.conf": b"vm.a = 0\n",
        "/etc/sysctl.d/99-zz-nodebake.conf": b"vm.a = 1\nvm.b = 1\nvm.c = 1\n",
        "/etc/sysctl.d/zz.conf": b"\nvm.b = 0\n",
        "/etc/sysctl.d/10.conf": b"vm.c = 0\nvm.c = 1\nvm.a = 1\n",
    }
    found = {
        (each.key, each.when, each.file, each.line.line) for each in conflicts(tree, {f"vm.{k}": "1" for k in "abc"})
    }
    assert found == {
        ("vm.a", "procps", "/etc/sysctl.conf", 1),
        ("vm.b", "boot", "/etc/sysctl.d/zz.conf", 2),
        ("vm.c", "never", "/etc/sysctl.d/10.conf", 1),
    }


@pytest.mark.parametrize("case", [case for case in cases() if case.name != "line-ends"], ids=lambda case: case.name)
def test_the_shell_agrees(case: Case, tmp_path: Path) -> None:
    """sysctl_told of bootstrap.sh knows files, names and lines that end as usual, but no globs and not the kernel."""
    distro = DISTROS[0]
    lay(tree(case.files, distro), tmp_path)
    for key, outcome in resolver(case.files, distro).at_boot(case.expect).items():
        said = _shell(tmp_path, key)
        names = {proc_path(key), *other_names(proc_path(key))}
        if outcome.by and outcome.by.path in names:
            value, _, where = said.partition(" by ")
            assert (as_read(key, value), where) == (outcome.value, outcome.by.where), key
        elif outcome.last is None:
            assert said == "", key


def _shell(root: Path, key: str) -> str:
    path = proc_path(key)
    return _library(root, 'sysctl_told "$@"', path, "1", *other_names(path))


def _library(root: Path, command: str, *arguments: str) -> str:
    library = (data.TEMPLATES / "sysctl" / "steps.sh").read_text(encoding="utf-8")
    script = f'work=$1 sysctl_root=$1\nshift\nsay() {{ printf "%s\\n" "$*"; }}\n{library}\n{command}'
    argv = ["sh", "-c", script, "sh", str(root), *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    assert not done.stderr, done.stderr
    return done.stdout.replace(str(root), "").strip()


OURS = b"kernel.ostype = Linux\n"


@pytest.mark.parametrize(
    ("later", "so", "told"),
    [
        ({}, "yes", "Linux by /etc/sysctl.d/99-zz-nodebake.conf:1"),
        ({"/etc/sysctl.d/zz.conf": b"#\nkernel/ostype=DOS"}, "no", "DOS by /etc/sysctl.d/zz.conf:2"),
        ({"/usr/lib/sysctl.d/zz.conf": b"-kernel.ostype"}, "no", "nothing by /usr/lib/sysctl.d/zz.conf:1"),
        ({"/etc/sysctl.d/10.conf": b"kernel.ostype = DOS"}, "yes", "Linux by /etc/sysctl.d/99-zz-nodebake.conf:1"),
    ],
)
def test_a_step_is_not_so_while_a_later_file_says_otherwise(later: Tree, so: str, told: str, tmp_path: Path) -> None:
    """Whatever it reads now: of this parameter a Linux reads Linux."""
    lay({"/etc/sysctl.d/99-zz-nodebake.conf": OURS, **later}, tmp_path)
    command = 'if sysctl_set_ok "$@"; then echo yes; else echo no; fi; sysctl_set_why "$@"'
    said = _library(tmp_path, command, "kernel/ostype", "Linux").splitlines()
    assert said[:3] == [so, "/proc/sys/kernel/ostype reads: Linux", f"at a boot it is set to: {told}"]
