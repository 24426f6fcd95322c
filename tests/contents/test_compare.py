"""Two images, and what is said of their differences."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from generator import cli, contents
from generator import plan as planning
from generator.contents import Entry, compare
from generator.contents.compare import Allowed, Difference
from tests import debian
from tests.conftest import HEAD

FILE = Entry("file", "0644", "0:0", "", "aa")
LOG = Allowed("/var/log/*", ("content", "there"), "a log")


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "symlink"), ("mode", "0600"), ("owner", "0:4"), ("attributes", "user.x=00"), ("content", "bb")],
)
def test_each_field_counts(field: str, value: str) -> None:
    other = dataclasses.replace(FILE, **{field: value})
    found = compare.compare({"/a": FILE}, {"/a": other}, ())
    assert found == (Difference("/a", field, getattr(FILE, field), value),)


def test_equal() -> None:
    assert compare.compare({"/a": FILE}, {"/a": FILE}, ()) == ()
    assert list(compare.text((), everything=False)) == ["0 differences, and 0 that are allowed"]


def test_only_in_one_of_them() -> None:
    found = compare.compare({"/a": FILE}, {"/b": FILE}, ())
    assert list(compare.text(found, everything=False)) == [
        "/a: only in the first, a file",
        "/b: only in the second, a file",
        "2 differences, and 0 that are allowed",
    ]


def test_what_is_allowed_is_counted_and_told_if_asked_for() -> None:
    one = {"/var/log/x/y": FILE, "/var/log/z": FILE}
    other = {"/var/log/x/y": dataclasses.replace(FILE, content="bb", mode="0600")}
    found = compare.compare(one, other, (LOG,))
    assert list(compare.text(found, everything=False)) == [
        "/var/log/x/y: mode: 0644 | 0600",
        "1 differences, and 2 that are allowed",
    ]
    assert list(compare.text(found, everything=True))[1:3] == [
        "/var/log/x/y: content: aa | bb (allowed: a log)",
        "/var/log/z: only in the first, a file (allowed: a log)",
    ]


def test_the_reviewed_list_is_sound() -> None:
    """Each row says why, and of fields that there are; none lets a program or a setting differ."""
    fields = {field.name for field in dataclasses.fields(Entry)} | {compare.MISSING}
    for row in compare.allowed():
        assert row.why
        assert row.fields
        assert set(row.fields) <= fields
        for path in ("/usr/bin/bash", "/etc/shadow", "/etc/sysctl.d/99-zz-nodebake.conf", contents.BOOT, "/"):
            assert not any(row.fits(Difference(path, field, "", "")) for field in fields), row


def _image(folder: Path, **more: str) -> Path:
    folder.mkdir()
    (folder / "node.yaml").write_text(HEAD + "base: debian-13\n")
    return debian.image(folder, planning.load(str(folder / "node.yaml")), more=more)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """mke2fs gives each its own UUID, which is told as well."""
    one, other = _image(tmp_path / "a", secret="1"), _image(tmp_path / "b", secret="22")
    assert cli.run(["compare", str(one), str(one)]) == 0
    assert capsys.readouterr().out == "0 differences, and 0 that are allowed\n"
    assert cli.run(["compare", str(one), str(other), "--format", "json"]) == 1
    found = {row["path"]: row["field"] for row in json.loads(capsys.readouterr().out)}
    assert found.pop(contents.IDENT) == "content"
    assert found.pop(contents.BOOT) == "content"
    assert found == {"/secret": "content"}
    assert cli.run(["compare", str(one), str(tmp_path / "none")]) == 2
