"""How the root file system of a disk is read: each folder once, links to folders followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import offline
from generator.image_checks.tree import Tree
from generator.model import Edit
from generator.offline import Disk
from tests import images


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    made = images.disk(tmp_path, {"usr/lib/old": "old", "usr/lib/.hidden": "", "usr/lib/sub/.deep/x": ""})
    edits = [
        Edit("/usr/lib/new", None, link="old"),
        Edit("/lib", None, link="usr/lib"),
        Edit("/usr/lib/sub/up", None, link=".."),
    ]
    offline.edit(made, edits)
    return made


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/usr/lib/*", {"/usr/lib/new": "symlink", "/usr/lib/old": "regular", "/usr/lib/sub": "directory"}),
        ("/usr/lib/o*", {"/usr/lib/old": "regular"}),
        ("/usr/lib/.*", {"/usr/lib/.hidden": "regular"}),
        ("/*/lib/old", {"/usr/lib/old": "regular"}),
        ("/lib/old", {"/lib/old": "regular"}),
        ("/lib", {"/lib": "symlink"}),
        ("/usr", {"/usr": "directory"}),
        ("/usr/lib/*/below", {}),
        ("/lib/sub/up/old", {"/lib/sub/up/old": "regular"}),
        ("/usr/lib/old/**", {}),
        ("/none/*", {}),
        ("/none/**", {}),
        ("/none", {}),
        (
            "/usr/lib/sub/**",
            {
                "/usr/lib/sub/.deep": "directory",
                "/usr/lib/sub/.deep/x": "regular",
                "/usr/lib/sub/up": "symlink",
            },
        ),
    ],
)
def test_patterns(disk: Disk, pattern: str, found: dict[str, str]) -> None:
    assert Tree(disk).matching(pattern) == found


def test_what_a_file_says_and_where_a_link_leads(disk: Disk) -> None:
    tree = Tree(disk)
    assert tree.content("/usr/lib/old") == tree.content("/lib/old") == b"old"
    assert tree.target("/lib/new") == "old"


def test_each_folder_is_asked_for_once(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = offline.listing

    def listing(one: Disk, folder: str) -> dict[str, str]:
        asked.append(folder)
        return real(one, folder)

    monkeypatch.setattr(offline, "listing", listing)
    tree = Tree(disk)
    for pattern in ("/usr/lib/old", "/usr/lib/*", "/usr/lib/none/*", "/usr/**", "/none/x/y"):
        tree.matching(pattern)
    assert sorted(asked) == sorted({"/", "/usr", "/usr/lib", "/usr/lib/sub", "/usr/lib/sub/.deep"})
