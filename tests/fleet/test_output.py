"""Where a fleet is written: whole or not at all, for its owner alone, gone on with where a run was cut off."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import errors, fleet, output, parts, seed
from generator.fleet import forms
from generator.fleet.iso import SECTOR, Seeds
from tests.conftest import ROOT

PROFILE = "apiVersion: nodebake/v1\nname: worker\nmodules: [overlay]\n"


def _asked(folder: Path, count: int = 3, **more: Any) -> fleet.Request:
    (folder / "worker.yaml").write_text(PROFILE)
    (folder / "nodes.csv").write_text("hostname\n" + "".join(f"n{number}\n" for number in range(count)))
    wanted = {"output": str(folder / "out"), **more}
    return fleet.Request(str(folder / "worker.yaml"), str(folder / "nodes.csv"), **wanted)


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_tree(tmp_path: Path) -> None:
    fleet.write(_asked(tmp_path))
    out = tmp_path / "out"
    names = {"user-data", "meta-data", "network-config"}
    assert set(_tree(out)) == {"manifest.json", *(f"n{n}/{name}" for n in range(3) for name in names)}
    assert {path.stat().st_mode & 0o777 for path in out.glob("n*/*")} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in out.glob("n*")} == {0o700}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["nodes"] == {
        "count": 3,
        "sha256": hashlib.sha256((tmp_path / "nodes.csv").read_bytes()).hexdigest(),
    }
    assert manifest["profile"]["sha256"] == hashlib.sha256(PROFILE.encode()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.lock", "nodes.csv", "out", "worker.yaml"]


def test_a_tree_takes_the_place_of_another(tmp_path: Path) -> None:
    fleet.write(_asked(tmp_path, 3))
    fleet.write(_asked(tmp_path, 2))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "n0", "n1"]


def test_seeds_are_as_by_pycdlib(tmp_path: Path) -> None:
    fleet.write(_asked(tmp_path))
    fleet.write(_asked(tmp_path, to="iso", output=str(tmp_path / "seeds")))
    for number in range(3):
        image = tmp_path / "seeds" / f"n{number}.iso"
        assert image.stat().st_mode & 0o777 == 0o600
        files = {path.name: path.read_bytes() for path in (tmp_path / "out" / f"n{number}").iterdir()}
        assert seed.read(image) == files
        assert image.read_bytes() == seed.write(files)


_SIZES = st.integers(1, 3 * SECTOR)


@given(sizes=st.lists(st.tuples(_SIZES, _SIZES, _SIZES), min_size=1, max_size=4), byte=st.integers(0, 255))
def test_every_shape_of_seed(sizes: list[tuple[int, int, int]], byte: int) -> None:
    seeds = Seeds()
    for lengths in sizes:
        names = ("user-data", "meta-data", "network-config")
        files = {name: bytes([byte]) * length for name, length in zip(names, lengths, strict=True)}
        assert seeds.image(files) == seed.write(files)


@pytest.mark.parametrize("to", forms.FOLDERS)
def test_a_run_that_was_cut_off_is_gone_on_with(to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    fleet.write(_asked(whole, 25, to=to))
    monkeypatch.setattr(parts, "_MARK_EVERY", 10)
    written: list[str] = []
    write = forms._write

    def breaking(path: str, *more: Any) -> None:
        if len(written) == limit:
            raise KeyboardInterrupt
        written.append(path)
        write(path, *more)

    monkeypatch.setattr(forms, "_write", breaking)
    each = 3 if to == "tree" else 1
    limit = 17 * each
    with pytest.raises(KeyboardInterrupt):
        fleet.write(_asked(tmp_path, 25, to=to))
    assert not (tmp_path / "out").exists()
    limit, first = -1, len(written)
    written.clear()
    fleet.write(_asked(tmp_path, 25, to=to))
    assert first == 17 * each
    assert len(written) == 15 * each  # the ten that were marked were not done again
    assert _tree(tmp_path / "out") == _tree(whole / "out")
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.parametrize("had", [False, True])
def test_a_run_that_was_killed_while_it_published(had: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was exchanged, or is gone, is not taken for the part that was finished."""
    whole = tmp_path / "whole"
    whole.mkdir()
    fleet.write(_asked(whole, 2000))
    if had:
        fleet.write(_asked(tmp_path, 3000))
    swap = output._swap

    def killed(stage: Path, directory: Path) -> None:
        swap(stage, directory)
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(output, "_swap", killed)
        patch.setattr(parts, "_remove", lambda _path: None)  # which a killed run would not do, either
        fleet.write(_asked(tmp_path, 2000))
    fleet.write(_asked(tmp_path, 2000))
    assert _tree(tmp_path / "out") == _tree(whole / "out")
    assert not list(tmp_path.glob(".part-*"))


def test_folders_of_another_name_are_not_swept(tmp_path: Path) -> None:
    """out-2 is somebody else's, who may just be writing it; nor is a name a pattern."""
    for name in (f".part-out-2-{'a' * 16}", f".part-o*t-{'b' * 16}"):
        (tmp_path / name).mkdir()
    fleet.write(_asked(tmp_path))
    assert sorted(path.name for path in tmp_path.glob(".part-*")) == [
        f".part-o*t-{'b' * 16}",
        f".part-out-2-{'a' * 16}",
    ]
    fleet.write(_asked(tmp_path, output=str(tmp_path / "o*t")))
    assert [path.name for path in tmp_path.glob(".part-*")] == [f".part-out-2-{'a' * 16}"]


def test_of_another_list_nothing_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MARK_EVERY", 1)
    write = forms._write

    def breaking(path: str, content: bytes, root: int) -> None:
        if path.startswith("n2/"):
            raise OSError(28, "No space left on device", path)
        write(path, content, root)

    monkeypatch.setattr(forms, "_write", breaking)
    with pytest.raises(errors.ToolError, match="n2/user-data: No space left on device"):
        fleet.write(_asked(tmp_path, 3))
    left = list(tmp_path.glob(".part-out-*"))
    assert left
    monkeypatch.setattr(forms, "_write", write)
    fleet.write(_asked(tmp_path, 2))
    assert not list(tmp_path.glob(".part-*"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "n0", "n1"]


def test_a_stream_to_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    fleet.write(_asked(tmp_path, 2, to="jsonl"))
    before = out.read_bytes()
    assert out.stat().st_mode & 0o777 == 0o600

    def breaking(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(forms.STREAMS, "jsonl", breaking)  # type: ignore[arg-type]
    with pytest.raises(errors.ToolError, match="No space left"):
        fleet.write(_asked(tmp_path, 3, to="jsonl"))
    assert out.read_bytes() == before
    assert not list(tmp_path.glob(".stage-*"))


@pytest.mark.parametrize("to", ["jsonl", "tree"])
def test_a_list_that_is_changed_while_it_is_looked_at(to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = fleet.look_through

    def slow(*given: Any) -> Any:
        found = look(*given)
        (tmp_path / "nodes.csv").write_text("hostname\nother\n")
        return found

    monkeypatch.setattr(fleet, "look_through", slow)
    with pytest.raises(errors.NodebakeError, match=r"nodes\.csv was changed while it was read"):
        fleet.write(_asked(tmp_path, 3, to=to))
    assert not (tmp_path / "out").exists()


def test_a_list_that_is_changed_after_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is what was looked at."""
    fleet.write(_asked(tmp_path, 3000, to="jsonl"))
    expected = (tmp_path / "out").read_bytes()
    stream = forms.STREAMS["jsonl"]

    def late(templates: Any, hostnames: Any, blocks: Any, out: io.BufferedWriter) -> None:
        first = next(blocks)
        (tmp_path / "nodes.csv").write_text("hostname\nother\n")
        stream(templates, hostnames, itertools.chain([first], blocks), out)

    monkeypatch.setitem(forms.STREAMS, "jsonl", late)  # type: ignore[arg-type]
    fleet.write(_asked(tmp_path, 3000, to="jsonl"))
    assert (tmp_path / "out").read_bytes() == expected


@pytest.mark.parametrize("there", ["notes.txt", "n0/notes.txt", "n0.raw"])
@pytest.mark.parametrize("to", forms.FOLDERS)
def test_what_somebody_else_put_there_is_not_lost(to: str, there: str, tmp_path: Path) -> None:
    """A folder that is exchanged is removed: -o may have been the home of somebody."""
    mine = tmp_path / "out" / there
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    (tmp_path / "out" / "manifest.json").write_text("{}")
    name = Path(there).parts[0]
    with pytest.raises(errors.NodebakeError, match=f"holds '{name}', which nodebake did not write there") as caught:
        fleet.write(_asked(tmp_path, to=to))
    assert caught.value.exit_code == errors.REFUSED
    assert mine.read_text() == "mine"
    assert not list(tmp_path.glob(".part-*"))


def test_a_stream_into_what_is_no_file(tmp_path: Path) -> None:
    """A link stays one, and /dev/null a device."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "out").symlink_to(tmp_path / "real")
    fleet.write(_asked(tmp_path, to="jsonl"))
    assert (tmp_path / "out").is_symlink()
    assert len((tmp_path / "real").read_text().splitlines()) == 3
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    fleet.write(_asked(tmp_path, 1, to="jsonl", output=str(tmp_path / "pipe")))
    assert os.read(reader, 1 << 16).startswith(b'{"hostname": "n0"')
    os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with pytest.raises(errors.ToolError, match="Is a directory"):
        fleet.write(_asked(tmp_path, to="jsonl", output=str(tmp_path)))


@pytest.mark.parametrize("to", forms.FOLDERS)
def test_many_files_do_not_go_to_stdout(to: str, tmp_path: Path) -> None:
    with pytest.raises(errors.NodebakeError, match=f"{to} is many files, and stdout is one"):
        fleet.write(_asked(tmp_path, to=to, output="-"))


def _command(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "generator", "fleet", *arguments]
    return subprocess.run(argv, input=stdin, capture_output=True, check=False, env=environment)


def test_from_a_pipe_to_stdout(tmp_path: Path) -> None:
    asked = _asked(tmp_path)
    nodes = Path(asked.nodes).read_bytes()
    done = _command(asked.profile, "--nodes", "-", "--nodes-format", "csv", "--to", "jsonl", stdin=nodes)
    assert (done.returncode, [json.loads(line)["hostname"] for line in done.stdout.splitlines()]) == (
        0,
        ["n0", "n1", "n2"],
    )
    assert done.stderr.endswith(b"nodebake: 3 nodes written\n")


def test_exit_codes(tmp_path: Path) -> None:
    asked = _asked(tmp_path)
    nodes = tmp_path / "bad.csv"
    nodes.write_text("hostname\nn1\nN2\n")
    out = tmp_path / "elsewhere"
    refused = _command(asked.profile, "--nodes", str(nodes), "-o", str(out))
    assert refused.returncode == 2
    assert b"bad.csv:3:1: hostname: 'N2' is not a host name" in refused.stderr
    assert not out.exists()
    went_on = _command(asked.profile, "--nodes", str(nodes), "-o", str(out), "--keep-going")
    assert went_on.returncode == 1
    assert b"bad.csv:3:1: hostname: 'N2' is not a host name" in went_on.stderr
    assert went_on.stderr.endswith(b"nodebake: 1 node written; 1 thing is wrong with others, which were left out\n")
    assert went_on.stdout.decode() == f"{out}\n"
    unnamed = _command(asked.profile, "--nodes", "-", stdin=b"hostname\nn1\n")
    assert unnamed.returncode == 2
    assert b"say which it is with --nodes-format" in unnamed.stderr


def test_two_runs_do_not_write_one_folder(tmp_path: Path) -> None:
    asked = _asked(tmp_path)
    with parts.folder(tmp_path / "out", "key", {}, forms.ours), pytest.raises(errors.LockedError):
        fleet.write(asked)
