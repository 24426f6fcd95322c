"""One process of a real cloud-init, asked as often as one likes: a start costs half a second, a question a few ms."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_INSIDE = Path(__file__).with_name("inside.py")


class Refused(Exception):
    """cloud-init raised an error; the sentence is its own."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file as cc_write_files would have written it."""

    content: bytes
    mode: int
    owner: str
    group: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What cloud-init makes of user-data: its parts (type, payload), the merged config, the files, runcmd's script."""

    parts: tuple[tuple[str, bytes], ...]
    config: dict[str, Any]
    files: dict[str, Written]
    runcmd: str
    warnings: tuple[str, ...]


class Oracle:
    """The cloud-init of one distribution."""

    def __init__(self, modules: Path) -> None:
        # No -I or -s: its modules stand first, and what nodebake has as well (PyYAML, Jinja2, jsonschema) comes after.
        self._process = subprocess.Popen(
            [sys.executable, _INSIDE],
            env={**os.environ, "PYTHONPATH": os.fspath(modules), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.communicate()

    def version(self) -> str:
        return str(self._ask("version", b"")["version"])

    def read(self, user_data: bytes) -> Seen:
        """Raises Refused where cloud-init does."""
        told = self._ask("parts", user_data)
        parts = tuple((part["type"], base64.b64decode(part["payload"])) for part in told["parts"])
        files = {file["path"]: _written(file) for file in told["files"]}
        assert len(files) == len(told["files"]), "a file is written twice"
        return Seen(parts, told["config"], files, told["runcmd"], tuple(told["warnings"]))

    def validate(self, kind: str, data: bytes) -> str:
        """What `cloud-init schema` says beyond that it is valid, deprecations: "" is best. Raises Refused."""
        told = self._ask(kind, data)
        return "\n".join([told["said"], *told["warnings"]]).strip()

    def interfaces(self, network_config: bytes) -> list[str]:
        """The names of the interfaces that it would configure. Raises Refused."""
        return list(self._ask("network-config", network_config)["interfaces"])

    def _ask(self, kind: str, data: bytes) -> dict[str, Any]:
        pipes = self._process.stdin, self._process.stdout
        assert pipes[0] is not None
        assert pipes[1] is not None
        print(json.dumps({"kind": kind, "data": base64.b64encode(data).decode()}), file=pipes[0], flush=True)
        line = pipes[1].readline()
        assert line, "the process of the real cloud-init has ended; what it said last stands above"
        told: dict[str, Any] = json.loads(line)
        if "error" in told:
            raise Refused(told["error"])
        return told


def _written(told: dict[str, Any]) -> Written:
    assert told["how"] == "wb"
    return Written(base64.b64decode(told["content"]), told["mode"], told["owner"], told["group"])
