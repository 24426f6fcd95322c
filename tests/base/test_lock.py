"""What a base was made of, and what is refused when it is another."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import bake, cli, errors
from generator import base as bases
from generator.base import archive, lock
from generator.base.lock import Lock
from generator.model import BasePin, Image, Plan
from tests.conftest import HEAD

A, B = "a" * 64, "b" * 64


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """A base as the cache has it."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / archive.PACKAGES).write_text(f"bash\t5.2\tamd64\t{A}\nadduser\t3.1\tall\t{B}\n")
    (folder / archive.RELEASES).write_text(f"trixie\tSat, 1 Nov 2026\t{B}\n")
    (folder / "base.qcow2").write_bytes(b"disk")
    return Image(folder / "base.qcow2", hashlib.sha256(b"disk").hexdigest())


@pytest.fixture
def found(image: Image) -> Lock:
    return lock.of("debian-13", image, "stock")


def test_it_is_a_line_a_package(found: Lock) -> None:
    lines = lock.write(found).decode().splitlines()
    assert f'  "adduser:all": "3.1 sha256:{B}",' in lines
    assert f'  "trixie": "Sat, 1 Nov 2026 sha256:{B}"' in lines
    assert ' "apiVersion": "nodebake/lock/v1",' in lines


def test_it_is_read_as_it_was_written(found: Lock, tmp_path: Path) -> None:
    path = tmp_path / "node.lock.json"
    path.write_bytes(lock.write(found))
    assert lock.read(path) == (found, hashlib.sha256(path.read_bytes()).hexdigest())
    lock.hold(str(path), lock.read(path)[0], found)


def test_a_pinned_image(image: Image) -> None:
    pin = BasePin("https://x/20261101/a.qcow2", image.sha256.upper(), "debian-13")
    made = lock.of(pin, image, "stock")
    assert (made.base, made.image_sha256) == (pin.url, image.sha256)
    assert (made.sha512, made.packages) == (hashlib.sha512(b"disk").hexdigest(), {})
    raw = dataclasses.replace(pin, sha256=A)  # the file there was raw, and was converted
    assert lock.of(raw, image, "stock").sha512 == ""


OTHERS = [
    ({"bash:amd64": f"5.3 sha256:{A}"}, "bash:amd64 is 5.3, locked is 5.2"),
    ({"bash:amd64": f"5.2 sha256:{B}"}, f"bash:amd64 5.2 has other bytes: sha256:{B}, locked is sha256:{A}"),
    ({"vim:amd64": f"9 sha256:{B}"}, "vim:amd64 is in it, and is not locked"),
    ({"bash:amd64": None}, "bash:amd64 is locked, and is not in it"),
]


def _other(found: Lock, change: dict[str, str | None]) -> Lock:
    packages = {name: row for name, row in {**found.packages, **change}.items() if row}
    return dataclasses.replace(found, packages=packages)


def _why(locked: Lock, found: Lock) -> list[str]:
    with pytest.raises(errors.CheckFailed) as caught:
        lock.hold("node.lock.json", locked, found)
    said, *why = caught.value.sentence.split("\n    ")
    assert said == "the base is not what node.lock.json locks"
    assert "nodebake base lock PROFILE" in caught.value.hint
    return why


@pytest.mark.parametrize(("change", "said"), OTHERS)
def test_another_package(found: Lock, change: dict[str, str | None], said: str) -> None:
    other = dataclasses.replace(_other(found, change), image_sha256=B)
    assert _why(found, other) == [said]


def test_many_packages(found: Lock) -> None:
    other = _other(found, {f"p{number:02}:all": f"1 sha256:{A}" for number in range(13)})
    assert _why(found, other)[9:] == ["p09:all is in it, and is not locked", "and 3 more"]


def test_other_bytes_of_the_same_packages(found: Lock) -> None:
    why = _why(found, dataclasses.replace(found, image_sha256=B))
    assert why[0].startswith(
        f"its sha256 is {B}, locked is {found.image_sha256}: the same packages, by another nodebake"
    )


@pytest.mark.parametrize("change", [{"base": "debian-12"}, {"variant": "swap"}])
def test_another_base(found: Lock, change: dict[str, str]) -> None:
    other = dataclasses.replace(found, **change)
    assert _why(found, other) == [f"it is {other.base} ({other.variant}), locked is debian-13 (stock)"]


def test_releases_alone_are_no_difference(found: Lock) -> None:
    """A mirror signs anew each day, also where no package of ours changed."""
    lock.hold("node.lock.json", found, dataclasses.replace(found, releases={}))


BAD = [
    ("", "this is no JSON"),
    ("[" * 100_000, "this is no JSON"),
    ("[]", "its apiVersion is not nodebake/lock/v1"),
    ('{"apiVersion": "nodebake/lock/v2"}', "its apiVersion is not nodebake/lock/v1"),
    ('{"apiVersion": "nodebake/lock/v1"}', "a key is missing, or one too many"),
    (
        '{"apiVersion": "nodebake/lock/v1", "base": "x", "variant": "x", "image_sha256": "x", "more": 1}',
        "a key is missing, or one too many",
    ),
    (
        '{"apiVersion": "nodebake/lock/v1", "base": "x", "variant": "x", "image_sha256": "x", "packages": []}',
        "a value is of another kind",
    ),
    *(
        (
            f'{{"apiVersion": "nodebake/lock/v1", "base": "x", "variant": "x", "image_sha256": "x", {table}}}',
            "a value is of another kind",
        )
        for table in ('"packages": {"a:amd64": 5}', '"packages": {"a:amd64": null}', '"releases": {"a": []}')
    ),
    (
        '{"apiVersion": "nodebake/lock/v1", "base": "x", "base": "y", "variant": "x", "image_sha256": "x"}',
        "the key 'base' is there twice",
    ),
    (
        '{"apiVersion": "nodebake/lock/v1", "packages": {"a:all": "1 b", "a:all": "1 c"}}',
        "the key 'a:all' is there twice",
    ),
    (
        '{"apiVersion": "nodebake/lock/v1", "base": 3, "variant": "x", "image_sha256": "x"}',
        "a value is of another kind",
    ),
]


@pytest.mark.parametrize(("content", "why"), BAD)
def test_what_is_none(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "bad.lock.json"
    path.write_text(content)
    with pytest.raises(errors.NodebakeError) as caught:
        lock.read(path)
    assert (caught.value.sentence, caught.value.exit_code) == (f"{path} is no lock of nodebake: {why}", errors.REFUSED)


def test_which_lock(tmp_path: Path) -> None:
    profile, beside = tmp_path / "node.yaml", tmp_path / "node.lock.json"
    assert lock.wanted(str(profile), None, must=False) is None
    assert lock.wanted(str(profile), "other", must=False) == Path("other")
    assert lock.wanted("-", None, must=False) is None
    beside.touch()
    assert lock.wanted(str(profile), None, must=True) == beside


@pytest.mark.parametrize(
    ("source", "said"), [("node.yaml", "node.lock.json"), ("-", "the lock of a profile from stdin")]
)
def test_locked_wants_one(source: str, said: str) -> None:
    with pytest.raises(errors.NodebakeError) as caught:
        lock.wanted(source, None, must=True)
    assert caught.value.sentence == f"{said} is not there, and --locked wants one"
    assert caught.value.exit_code == errors.REFUSED


@pytest.mark.parametrize(
    ("url", "is_dated"),
    [
        ("https://x/debian-13-generic-amd64-20261101-2290.qcow2", True),
        ("https://x/2026-11-01/a.img", True),
        ("https://x/latest/a.img", False),
    ],
)
def test_a_dated_address(url: str, is_dated: bool) -> None:
    assert lock.dated(url) is is_dated


# From the command line.


@pytest.fixture
def profile(tmp_path: Path, image: Image, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bases, "obtain", lambda *_args, **_more: image)
    path = tmp_path / "node.yaml"
    path.write_text(HEAD + "base: debian-13\n")
    return path


def test_base_lock(profile: Path, capsys: pytest.CaptureFixture[str], image: Image) -> None:
    path = profile.with_name("node.lock.json")
    assert cli.run(["base", "lock", str(profile)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert path.stat().st_mode & 0o777 == 0o644
    first = path.read_bytes()
    assert cli.run(["base", "lock", str(profile)]) == 0
    assert capsys.readouterr().err == ""
    assert path.read_bytes() == first
    (image.path.parent / archive.PACKAGES).write_text(f"bash\t5.3\tamd64\t{A}\nadduser\t3.1\tall\t{B}\n")
    assert cli.run(["base", "lock", str(profile)]) == 0
    assert f"{path} locked something else: bash:amd64 is 5.3, locked is 5.2" in capsys.readouterr().err
    assert json.loads(path.read_text())["packages"]["bash:amd64"] == f"5.3 sha256:{A}"


def test_a_moving_address_is_told(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile.write_text(f"{HEAD}base: {{url: 'https://x/latest/a.qcow2', sha256: {A}, distro: debian-13}}\n")
    assert cli.run(["base", "lock", str(profile)]) == 0
    assert "https://x/latest/a.qcow2 names no day: some day it will have other bytes" in capsys.readouterr().err


def test_a_build_of_another_base_is_refused_before_anything_is_written(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], found: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = dataclasses.replace(found, packages={**found.packages, "vim:amd64": f"9 sha256:{B}"})
    profile.with_name("node.lock.json").write_bytes(lock.write(locked))
    monkeypatch.setattr(bake.image, "build", lambda _request: pytest.fail("it was built"))
    assert cli.run(["build", str(profile), "-o", str(tmp_path / "out")]) == 1
    assert "vim:amd64 is locked, and is not in it" in capsys.readouterr().err
    assert not (tmp_path / "out/node").exists()


def test_the_manifest_names_the_lock(
    profile: Path, tmp_path: Path, image: Image, found: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = profile.with_name("node.lock.json")
    path.write_bytes(lock.write(found))
    made = dataclasses.replace(image, path=tmp_path / "node.qcow2")
    made.path.write_bytes(b"a disk")

    def build(request: Any) -> Image:
        request.put(made)
        return made

    monkeypatch.setattr(bake.image, "build", build)
    assert cli.run(["build", str(profile), "--locked", "-o", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out/node/manifest.json").read_text())["image"]
    assert told["lock_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_from_stdin_it_needs_a_place(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HEAD.encode())))
    assert cli.run(["base", "lock", "-"]) == 2
    assert "a profile from stdin has no place for its lock" in capsys.readouterr().err


def test_without_a_lock_the_manifest_names_none(planned: Callable[[str], Plan]) -> None:
    assert bake._held(None, planned("swap: disabled\n"), Image(Path("x"), A), "stock") == {}
