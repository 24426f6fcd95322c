"""What a worker of a cluster does: makes one image, by a process of its own. Dask is not seen from here."""

from __future__ import annotations

import json
import os
import pickle
import platform
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator import data, proc, regular, scratch
from generator.base import keys, lock
from generator.pipeline import child
from generator.pipeline.work import RESULTS

_PROFILE, _PIPELINE = "profile.yaml", "pipeline.yaml"
_LARGEST = 16 << 20  # bytes of a result that is sent


@dataclass(frozen=True, slots=True)
class Errand:
    """One cell: the bytes of its profile and of the lock beside that, and what its pipeline and its run ask for.

    `key` is a path on the worker; `flags` are those of the command line.
    """

    pipeline: str
    raw: bytes
    kubernetes: str
    boots: int
    faults: tuple[str, ...]
    key: str
    to: str
    until: str
    lock: bytes | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker did: the exit code of its process, what that printed, and the results that it has left, by name.

    `tool` is its nodebake: of another one than that of here it did nothing.
    """

    worker: str
    tool: str
    code: int = 0
    text: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Packed:
    """An errand, for `pickle.loads` to do it: so that a task names nothing that a machine may not have."""

    tool: str
    content: bytes

    def __reduce__(self) -> tuple[Any, ...]:
        return opened, (self.tool, self.content)


def packed(errand: Errand) -> bytes:
    """An errand as bytes, of which `pickle.loads` returns Done."""
    return pickle.dumps(Packed(keys.tool(), zlib.compress(pickle.dumps(errand), 1)))


def opened(tool: str, content: bytes) -> Done:
    """Do an errand. Done twice, it is as if done once. Other code of the same version makes other images."""
    worker = f"the worker {platform.node()}, process {os.getpid()},"
    if tool != (mine := keys.tool_now()):
        return Done(worker, mine)
    errand: Errand = pickle.loads(zlib.decompress(content))  # noqa: S301 - whoever can send it can run anything
    with scratch.folder(scratch.usual(), "nodebake-errand.") as folder:
        (folder / _PROFILE).write_bytes(errand.raw)
        if errand.lock is not None and (beside := lock.beside(str(folder / _PROFILE))):
            beside.write_bytes(errand.lock)
        (folder / _PIPELINE).write_text(json.dumps(_document(errand)), encoding="utf-8")
        code, text = _made(errand, folder / _PIPELINE)
    return Done(worker, mine, code, text, dict(_results(text)))


def _results(text: str) -> Iterator[tuple[str, bytes]]:
    """What the stages of this run have written, of those that say what an image is worth."""
    try:
        (image,) = json.loads(text)["images"]
        folder, stages = Path(image["folder"]), [stage["name"] for stage in image["stages"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    for path in (folder / name for stage in stages for name in RESULTS.get(stage, ())):
        with suppress(OSError):  # a red stage has not written all of them
            yield path.name, regular.read(path, _LARGEST)


def _document(errand: Errand) -> dict[str, Any]:
    """The pipeline of this one image, which has the same name and the same profile, byte for byte."""
    version = {"kubernetes": [errand.kubernetes]} if errand.kubernetes else {}
    document: dict[str, Any] = {
        "apiVersion": "nodebake/v1",
        "kind": "Pipeline",
        "name": errand.pipeline,
        "matrix": {"profiles": [_PROFILE], **version},
        "verify": {"boots": errand.boots},
    }
    document |= {"prove": {"faults": list(errand.faults)}} if errand.faults else {}
    document |= {"attest": {"key": errand.key}} if errand.key else {}
    return document | ({"publish": {"to": errand.to}} if errand.to else {})


def _made(errand: Errand, pipeline: Path) -> tuple[int, str]:
    """The process dies with this one, and its guests with it. What was made here before is kept on this machine.

    It waits where another is at the same image: that of a worker that died here, which is putting away its guests.
    """
    out = data.cache_dir() / "pipelines" / errand.pipeline
    argv = [sys.executable, "-m", "generator", "pipeline", "run", str(pipeline)]
    argv += ["-o", str(out), "--until", errand.until, "--format", "json", "--wait", *errand.flags]
    process = proc.start(
        argv, env=child.ENVIRONMENT, stdout=subprocess.PIPE, stderr=None, on_parent_death=signal.SIGTERM
    )
    try:
        text = process.communicate()[0]
    finally:
        proc.stop(process)
    return process.returncode, text
