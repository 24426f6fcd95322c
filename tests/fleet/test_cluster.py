"""A fleet that a Dask cluster writes: the bytes of one machine, whatever dies meanwhile."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import fsspec
import pytest
from distributed import LocalCluster
from fsspec.implementations.dirfs import DirFileSystem

from generator import errors, fleet, stop
from generator.fleet import cluster as clusters
from generator.fleet.cluster import places, shards
from tests.conftest import ROOT
from tests.fleet.dask_processes import Cluster, cluster

PROFILE = """\
apiVersion: nodebake/v1
name: worker
vars:
  rack: {type: text}
modules: [overlay]
files:
  - {path: /etc/rack, content: ["rack=", {var: rack}, "\\n"]}
"""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path, "first", "second") as made:
        yield made


@pytest.fixture(scope="module")
def inside() -> Iterator[str]:
    """A cluster whose worker is a thread of this process: memory:// is the same here and there."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as made:
        yield str(made.scheduler_address)


def _asked(folder: Path, count: int, address: str, output: str, to: str = "jsonl") -> fleet.Request:
    (folder / "worker.yaml").write_text(PROFILE)
    rows = "".join(f"n{number},52:54:00:00:{number >> 8:02x}:{number & 255:02x},r{number}\n" for number in range(count))
    (folder / "nodes.csv").write_text(f"hostname,mac,rack\n{rows}")
    return fleet.Request(str(folder / "worker.yaml"), str(folder / "nodes.csv"), to=to, output=output, cluster=address)


def _here(asked: fleet.Request, folder: Path) -> bytes:
    """What one machine makes of it."""
    fleet.write(dataclasses.replace(asked, cluster="", output=str(folder / "here")))
    return (folder / "here").read_bytes()


def _joined(folder: Path) -> bytes:
    """The parts, as the manifest has them; each is what it says, and nothing else is there."""
    manifest = json.loads((folder / "manifest.json").read_text())
    contents = []
    for part in manifest["parts"]:
        contents.append((folder / part["name"]).read_bytes())
        assert (len(contents[-1]), hashlib.sha256(contents[-1]).hexdigest()) == (part["size"], part["sha256"])
    names = {"manifest.json", *(part["name"] for part in manifest["parts"])}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == names
    assert sum(part["nodes"] for part in manifest["parts"]) == manifest["nodes"]["count"]
    return b"".join(contents)


def _parts_of(monkeypatch: pytest.MonkeyPatch, nodes: int) -> None:
    monkeypatch.setattr(clusters, "PART_NODES", nodes)


def _at_first_part(monkeypatch: pytest.MonkeyPatch, do: Callable[[], Any]) -> None:
    """Do something once, when the first part has been written."""
    size, first = places.Place.size, [do]

    def looked(place: places.Place, name: str) -> int | None:
        if first:
            first.pop()()
        return size(place, name)

    monkeypatch.setattr(places.Place, "size", looked)


def test_a_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has written its second part but for the name, and what it left is no part."""
    _parts_of(monkeypatch, 150)
    with cluster(tmp_path, "first") as made:
        made.doomed("second", part=2)
        made.wait()
        asked = _asked(tmp_path, 3001, made.address, str(tmp_path / "out"))
        outcome = fleet.write(asked)
        assert made.workers["second"].wait(60) == -signal.SIGKILL  # without its end there was nothing to survive
    assert (outcome.count, outcome.place) == (3001, f"file://{tmp_path}/out")
    assert _joined(tmp_path / "out") == _here(asked, tmp_path)
    parts = list((tmp_path / "out").glob("nodes-*/*"))
    assert len(parts) == 21
    assert {path.stat().st_mode & 0o777 for path in parts} == {0o600}
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _bytes(path)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_scheduler_is_killed(tmp_path: Path, two: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of an older run is touched."""
    out = tmp_path / "out"
    fleet.write(_asked(tmp_path, 20, two.address, str(out)))
    before = _joined(out)
    _parts_of(monkeypatch, 20)
    asked = _asked(tmp_path, 1000, two.address, str(out))
    _at_first_part(monkeypatch, lambda: (two.scheduler.kill(), two.scheduler.wait()))
    with dask.config.set({"distributed.comm.timeouts.connect": "2s"}), pytest.raises(errors.ToolError) as caught:
        fleet.write(asked)
    assert caught.value.sentence == f"the Dask scheduler at {two.address} is gone, or was restarted"
    manifest = json.loads((out / "manifest.json").read_text())
    assert b"".join((out / part["name"]).read_bytes() for part in manifest["parts"]) == before


def test_all_workers_die_of_one_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask gives it up after so many; with a nanny they would come again, and here others come."""
    _parts_of(monkeypatch, 10)
    dying = _dying(tmp_path)
    with cluster(tmp_path) as made:
        for number in range(4):
            made.worker(str(number), PYTHONPATH=f"{dying}:{ROOT}")
        made.wait()
        with pytest.raises(errors.ToolError, match=r"4 workers ended while they made nodes-\w+/part-000000.jsonl"):
            fleet.write(_asked(tmp_path, 5, made.address, str(tmp_path / "out")))
    assert not (tmp_path / "out" / "manifest.json").exists()


def _dying(folder: Path) -> Path:
    """A sitecustomize.py with which a worker ends itself when it would write."""
    dying = folder / "dying"
    dying.mkdir()
    (dying / "sitecustomize.py").write_text(
        "import os, signal\nfrom generator import parts\nparts.file = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    return dying


def test_another_version(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "sitecustomize.py").write_text("import generator\ngenerator.__version__ = '0.0.9'\n")
    with cluster(tmp_path) as made:
        made.worker("old", PYTHONPATH=f"{other}:{ROOT}")
        made.wait()
        with pytest.raises(
            errors.ToolError, match=r"the worker .*, process \d+, has nodebake 0\.0\.9, and here is nod"
        ):
            fleet.write(_asked(tmp_path, 5, made.address, str(tmp_path / "out")))


def test_no_nodebake_there(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "sitecustomize.py").write_text("import sys\nsys.modules['generator'] = None\n")
    with cluster(tmp_path) as made:
        made.worker("bare", PYTHONPATH=str(bare))
        made.wait()
        with pytest.raises(errors.ToolError, match=r"the cluster does not know nodebake: .*generator"):
            fleet.write(_asked(tmp_path, 5, made.address, str(tmp_path / "out")))


def test_a_place_that_is_not_the_same_there(tmp_path: Path) -> None:
    with cluster(tmp_path, "first") as made, pytest.raises(errors.ToolError, match="from here it is not at memory://"):
        fleet.write(_asked(tmp_path, 5, made.address, "memory://apart"))


def test_templates_of_another(tmp_path: Path, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_made", lambda _job: ({}, str))
    with pytest.raises(errors.ToolError, match="renders this profile otherwise than it is rendered here"):
        fleet.write(_asked(tmp_path, 5, inside, "memory://other-templates"))


@pytest.fixture
def memory() -> Any:
    files = fsspec.filesystem("memory")
    files.store.clear()
    return files


def test_object_storage(tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of the run before are removed when all is there, and not before."""
    _parts_of(monkeypatch, 7)
    fleet.write(_asked(tmp_path, 30, inside, "memory://fleet"))
    asked = _asked(tmp_path, 20, inside, "memory://fleet")
    old = set(memory.find("/fleet"))
    seen: list[set[str]] = []
    write = places.Place.write

    def noting(place: places.Place, name: str, content: bytes) -> None:
        write(place, name, content)
        seen.append(set(memory.find("/fleet")))

    monkeypatch.setattr(places.Place, "write", noting)
    fleet.write(asked)
    assert len(old) == 6
    assert all(old <= there for there in seen)
    manifest = json.loads(memory.cat("/fleet/manifest.json"))
    names = [f"/fleet/{part['name']}" for part in manifest["parts"]]
    assert b"".join(memory.cat(name) for name in names) == _here(asked, tmp_path)
    assert set(memory.find("/fleet")) == {"/fleet/manifest.json", *names}


def test_a_run_that_fails_leaves_the_one_before(
    tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _parts_of(monkeypatch, 7)
    fleet.write(_asked(tmp_path, 30, inside, "memory://fleet"))
    before = {name: memory.cat(name) for name in memory.find("/fleet")}
    put = memory.pipe_file

    def full(files: Any, path: str, value: bytes, **more: Any) -> None:
        if path.endswith("part-000002.jsonl"):
            raise OSError(28, "No space left on device")
        put(path, value, **more)

    monkeypatch.setattr(type(memory), "pipe_file", full)
    with pytest.raises(errors.ToolError, match="memory://fleet: No space left on device"):
        fleet.write(_asked(tmp_path, 20, inside, "memory://fleet"))
    assert {name: memory.cat(name) for name in before} == before


def test_what_failed_once_is_tried_again(
    tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, failed = memory.pipe_file, []

    def shaky(files: Any, path: str, value: bytes, **more: Any) -> None:
        if not failed:
            failed.append(path)
            raise OSError(5, "a storm")
        put(path, value, **more)

    monkeypatch.setattr(type(memory), "pipe_file", shaky)
    assert fleet.write(_asked(tmp_path, 5, inside, "memory://shaky")).count == 5
    assert failed


def test_the_list_is_changed_meanwhile(
    tmp_path: Path, inside: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is what was looked at."""
    asked = _asked(tmp_path, 5, inside, "memory://changed")
    expected = _here(asked, tmp_path)
    _at_first_part(monkeypatch, lambda: (tmp_path / "nodes.csv").write_text("hostname\nother\n"))
    fleet.write(asked)
    manifest = json.loads(memory.cat("/changed/manifest.json"))
    assert b"".join(memory.cat(f"/changed/{part['name']}") for part in manifest["parts"]) == expected


def test_a_manifest_of_somebody_else(tmp_path: Path, inside: str, memory: Any) -> None:
    memory.pipe("/theirs/manifest.json", b'{"folder": "../elsewhere"}')
    with pytest.raises(errors.NodebakeError, match=r"has a manifest\.json that no cluster run of nodebake wrote"):
        fleet.write(_asked(tmp_path, 5, inside, "memory://theirs"))
    assert memory.cat("/theirs/manifest.json") == b'{"folder": "../elsewhere"}'


def test_parts_that_are_tars(tmp_path: Path, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is an archive; what is in all of them is what is in the one of a single machine."""
    _parts_of(monkeypatch, 2)
    asked = _asked(tmp_path, 5, inside, str(tmp_path / "out"), "tar")
    fleet.write(asked)
    _here(asked, tmp_path)
    _joined(tmp_path / "out")
    apart = [member for path in sorted((tmp_path / "out").glob("*/*.tar")) for member in _members(path)]
    assert apart == _members(tmp_path / "here")
    assert len(apart) == 15


def _members(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        return [(one.name, file.read()) for one in archive if (file := archive.extractfile(one)) is not None]


def test_as_a_cloud_takes_it(tmp_path: Path, inside: str, memory: Any) -> None:
    asked = dataclasses.replace(_asked(tmp_path, 5, inside, "memory://cloud"), target="ec2")
    fleet.write(asked)
    name = json.loads(memory.cat("/cloud/manifest.json"))["parts"][0]["name"]
    assert memory.cat(f"/cloud/{name}") == _here(asked, tmp_path)


def test_a_file_system_that_moves(tmp_path: Path) -> None:
    """Not every one has a put that is whole or nothing: there a file is moved to its place."""
    place = places.Place("memory://")
    place._files, place._root = DirFileSystem(str(tmp_path), fsspec.filesystem("file", auto_mkdir=True)), ""
    place.write("nodes/part", b"content")
    assert (tmp_path / "nodes/part").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "nodes").iterdir()] == ["part"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"output": ""}, "a cluster writes to a place that all its machines reach, and none is named"),
        ({"output": "-"}, "a cluster writes to a place that all its machines reach, and none is named"),
        ({"to": "terraform"}, "a cluster writes parts, and terraform does not come in parts"),
        ({"to": "iso"}, "a cluster writes parts, and iso does not come in parts"),
        ({"cluster": "nonsense://x"}, "'nonsense://x' is no address of a scheduler: "),
        ({"output": "nonsense://x"}, "nonsense://x is no place to write to: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_refused(tmp_path: Path, inside: str, more: dict[str, str], says: str) -> None:
    asked = dataclasses.replace(_asked(tmp_path, 5, inside, str(tmp_path / "out")), **more)
    with pytest.raises(errors.NodebakeError) as caught:
        fleet.write(asked)
    assert caught.value.exit_code == errors.REFUSED
    assert says in caught.value.sentence


def test_a_login_is_not_told(tmp_path: Path, inside: str) -> None:
    with pytest.raises(errors.NodebakeError, match=r"nonsense://\*\*\*@host") as caught:
        fleet.write(_asked(tmp_path, 5, inside, "nonsense://me:secret@host/x"))
    assert "secret" not in f"{caught.value.sentence} {caught.value.hint}"


def _argv(asked: fleet.Request) -> list[str]:
    argv = [sys.executable, "-m", "generator", "fleet", asked.profile, "--nodes", asked.nodes, "--to", asked.to]
    return [*argv, "-o", asked.output, "--cluster", asked.cluster]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def _command(asked: fleet.Request, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_argv(asked), capture_output=True, check=False, env=_environment(**more), text=True)


@pytest.mark.parametrize("listening", [False, True], ids=["nobody", "no scheduler"])
def test_nobody_answers(tmp_path: Path, listening: bool) -> None:
    """How long it is tried is Dask's own setting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not listening:
            server.close()
        done = _command(
            _asked(tmp_path, 5, address, str(tmp_path / "out")), DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s"
        )
    assert done.returncode == errors.TOOL
    assert f"nodebake: no Dask scheduler answers at {address}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_while_it_waits(tmp_path: Path) -> None:
    """Without a worker it waits for one, and says so; a signal ends it at once."""
    with cluster(tmp_path) as made:
        asked = _asked(tmp_path, 5, made.address, str(tmp_path / "out"))
        running = subprocess.Popen(_argv(asked), stderr=subprocess.PIPE, text=True, env=_environment())
        assert running.stderr is not None
        said = []
        for line in running.stderr:
            said.append(line)
            if "writing 5" in line:
                running.send_signal(signal.SIGINT)
        assert running.wait() == errors.INTERRUPTED
    assert "nodebake: the scheduler has no worker yet; it goes on when the first one comes\n" in said
    assert said[-1] == f"nodebake: {stop.SAYS}\n"
    assert "Traceback" not in "".join(said)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("module", ["distributed", "fsspec"])
def test_dask_is_not_installed(tmp_path: Path, inside: str, module: str) -> None:
    without = tmp_path / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text(f"import sys\nsys.modules['{module}'] = None\n")
    asked = _asked(tmp_path, 5, inside, str(tmp_path / "out"))
    done = _command(asked, PYTHONPATH=f"{without}:{ROOT}")
    assert done.returncode == errors.TOOL
    assert "nodebake: --cluster needs Dask, and there is no Python module" in done.stderr
    assert "pip install 'nodebake[cluster]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command(tmp_path: Path, inside: str) -> None:
    asked = _asked(tmp_path, 5, inside, f"file://{tmp_path}/out")
    done = _command(asked)
    assert (done.returncode, done.stdout) == (0, f"file://{tmp_path}/out\n")
    assert [line.partition(" [")[0] for line in done.stderr.splitlines()][-1] == "nodebake: 5 nodes written"
    assert _joined(tmp_path / "out") == _here(asked, tmp_path)


def test_one_machine_needs_no_dask(tmp_path: Path) -> None:
    """Neither check nor a fleet without a cluster imports it."""
    asked = _asked(tmp_path, 1, "", str(tmp_path / "out"))
    script = (
        "import sys\nfrom generator import cli\n"
        f"assert cli.run(['check', {asked.profile!r}]) == 0\n"
        f"assert cli.run(['fleet', {asked.profile!r}, '--nodes', {asked.nodes!r}, '-o', {asked.output!r}]) == 0\n"
        "assert not {'dask', 'distributed', 'fsspec'} & set(sys.modules)\n"
    )
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, capture_output=True, check=False, text=True, env=_environment())
    assert done.returncode == 0, done.stderr
