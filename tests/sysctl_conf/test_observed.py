"""The observer's command on real files, and its reader on any bytes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.sysctl_conf import Link, Node, Tree, observed
from generator.sysctl_conf import tree as trees
from tests.sysctl_conf.trees import lay, seen

TREE: Tree = {
    "/etc/sysctl.d/99-sysctl.conf": Link("../sysctl.conf"),
    "/etc/sysctl.conf": b"a.b = 1\n",
    "/etc/sysctl.d/null.conf": Link("/dev/null"),
    "/etc/sysctl.d/dangling.conf": Link("/nowhere"),
    "/etc/sysctl.d/a b\n.conf": b"\0\xff",
    "/etc/sysctl.d/folder.conf/inside.conf": b"not shown",
    "/usr/lib/sysctl.d/README": b"not shown",
    "/usr/lib/sysctl.d/x.conf": Link("/etc/sysctl.d/chain"),
    "/etc/sysctl.d/chain": Link("../../opt/real"),
    "/opt/real": b"c.d = 2\n",
    "/etc/credstore/sysctl.extra": b"e.f = 3\n",
    "/etc/systemd/system/systemd-sysctl.service": Link("/dev/null"),
}


def _observe(root: Path) -> Tree:
    """As in a guest, but below `root`."""
    *command, _shell = observed.COMMAND[:4]
    places = [f"{root}{place}" for place in observed.COMMAND[4:]]
    printed = subprocess.run([*command, "sh", *places], capture_output=True, check=True).stdout
    found = observed.files(printed)
    assert found is not None
    return {path.removeprefix(str(root)): node for path, node in found.items()}


def test_what_a_guest_shows(tmp_path: Path) -> None:
    absolute = {"/usr/lib/sysctl.d/x.conf": Link(f"{tmp_path}/etc/sysctl.d/chain")}
    lay({**TREE, **absolute}, tmp_path)
    found = _observe(tmp_path)
    assert "/usr/lib/sysctl.d/README" not in found
    shown = {path: trees.read(found, path) for path in found}
    assert shown == {
        "/etc/sysctl.d/99-sysctl.conf": b"a.b = 1\n",
        "/etc/sysctl.conf": b"a.b = 1\n",
        "/etc/sysctl.d/null.conf": b"",
        "/etc/sysctl.d/dangling.conf": None,
        "/etc/sysctl.d/a b\n.conf": b"\0\xff",
        "/etc/sysctl.d/folder.conf": None,
        "/usr/lib/sysctl.d/x.conf": b"c.d = 2\n",
        "/etc/credstore/sysctl.extra": b"e.f = 3\n",
        "/etc/systemd/system/systemd-sysctl.service": b"",
    }


def test_a_folder_that_is_a_link_and_files_of_two_names(tmp_path: Path) -> None:
    lay({"/opt/d/a.conf": b"1", "/etc/sysctl.d": Link("../opt/d")}, tmp_path)
    os.link(tmp_path / "opt/d/a.conf", tmp_path / "opt/d/b.conf")
    assert _observe(tmp_path) == {"/etc/sysctl.d/a.conf": b"1", "/etc/sysctl.d/b.conf": b"1"}


def test_nothing_is_there(tmp_path: Path) -> None:
    assert _observe(tmp_path) == {}


PATHS = st.from_regex(r"(/[a-z.]{1,9}){1,3}", fullmatch=True)
NODES: st.SearchStrategy[Node] = st.one_of(st.binary(), st.builds(Link, PATHS))


@given(st.dictionaries(PATHS, NODES, min_size=1, max_size=5))
def test_what_is_printed_is_read(tree: dict[str, Node]) -> None:
    assert observed.files(seen(tree)) == tree


@given(st.binary())
def test_any_bytes_are_taken(printed: bytes) -> None:
    observed.files(printed)
    observed.files(printed + b"complete")


@given(st.data())
def test_what_is_cut_off_or_changed_is_not_taken_for_whole(data: st.DataObject) -> None:
    printed = seen({"/etc/sysctl.d/a.conf": b"a.b = 1\n" * 200, "/etc/sysctl.d/b.conf": b"c"})
    assert observed.files(printed[: data.draw(st.integers(0, len(printed) - 1))]) is None
    changed = bytearray(printed)
    changed[data.draw(st.integers(0, len(printed) - 9))] = data.draw(st.integers(0, 255))
    observed.files(bytes(changed))


@pytest.mark.parametrize("path", ["relative", "./etc/x"])
def test_a_path_that_is_no_path(path: str) -> None:
    assert observed.files(seen({path: b""})) is None
