"""Keys: by what determines a result, part by part, and why one was there or was not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.base import cache as room
from generator.base import keys, why


def _make(stage: Path) -> None:
    (stage / "file").write_bytes(b"content")


def _looked(parts: dict[str, str], *, refresh: bool = False) -> keys.Looked:
    with keys.explained() as told:
        room.obtain(f"thing-{keys.named(parts)}", _make, refresh=refresh)
    (looked,) = told
    return looked


def test_a_miss_names_what_has_changed_since_the_nearest(cache: Path) -> None:
    first = _looked({"base": "1", "sysctl": "a", "templates": "x"})
    assert (first.hit, first.reason) == (False, why.FIRST)
    _looked({"base": "2", "sysctl": "b", "templates": "y"})
    other = _looked({"base": "1", "sysctl": "b", "templates": "x"})
    assert (other.hit, other.reason) == (False, "changed: sysctl")
    assert other.key != first.key
    again = _looked({"templates": "x", "base": "1", "sysctl": "a"})
    assert (again.hit, again.key, again.reason) == (True, first.key, why.READ)


def test_what_changes_with_everything_is_told_only_when_nothing_else_has() -> None:
    assert why.changed(["sysctl", why.PROFILE, why.UPLOAD]) == "changed: sysctl"
    assert why.changed([why.PROFILE]) == "changed: the profile's text"


def test_what_is_asked_for_anew_and_what_is_damaged(cache: Path) -> None:
    _looked({"a": "1"})
    assert _looked({"a": "1"}, refresh=True).reason == why.FRESH
    (home,) = cache.glob("thing-*/file")
    home.write_bytes(b"cOntent")
    assert _looked({"a": "1"}).reason == why.DAMAGED
    home.unlink()
    assert _looked({"a": "1"}).reason == why.INCOMPLETE


def test_looks_are_told_only_to_who_asks(cache: Path) -> None:
    with keys.explained() as outer:
        _looked({"a": "1"})
    room.obtain("other", _make)
    assert outer == []


def test_looks_are_told_to_people_who_want_it(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with keys.noted(True):
        looked = _looked_inside({"a": "1"})
    assert f"nodebake: thing-{looked}: miss, nothing like it was made before\n" in capsys.readouterr().err
    with keys.noted(False):
        _looked_inside({"a": "1"})
    assert capsys.readouterr().err == ""


def _looked_inside(parts: dict[str, str]) -> str:
    key = keys.named(parts)
    room.obtain(f"thing-{key}", _make)
    return key


def test_nothing_is_made_for_who_only_looks(cache: Path) -> None:
    with room.only_looking():
        with pytest.raises(room.NotThere):
            room.obtain("thing", _make)
        assert not (cache / "thing").exists()
    made = room.obtain("thing", _make)
    with room.only_looking():
        assert room.obtain("thing", _make) == made


@dataclass(frozen=True)
class Distro:
    """As the key of a base has it."""

    suite: str


def test_the_key_of_a_recipe_has_the_names_of_its_files(tmp_path: Path) -> None:
    recipe = tmp_path / "boot.py"
    recipe.write_text("a")
    first = keys.key([recipe], Distro("trixie"))
    recipe.write_text("b")
    second, third = keys.key([recipe], Distro("trixie")), keys.key([recipe], Distro("bookworm"))
    assert keys.changed(keys.made_of(first), keys.made_of(second)) == ["boot.py"]
    assert keys.changed(keys.made_of(second), keys.made_of(third)) == ["the distribution's facts"]


def test_nodebake_itself_is_all_of_its_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from generator import data  # noqa: PLC0415

    before = keys.tool()
    for name, folder in (("TEMPLATES", "t"), ("SCHEMAS", "s"), ("PACKER", "p")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_text("another")
        keys.tool.cache_clear()
        with monkeypatch.context() as patched:
            patched.setattr(data, name, tmp_path / folder)
            assert keys.tool() != before
    keys.tool.cache_clear()
    assert keys.tool() == before
