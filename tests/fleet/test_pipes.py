"""A list of nodes that comes through a pipe: its writer is waited for, and nobody is not."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from generator import errors
from generator.fleet import source

LIST = b"hostname\nn1\n"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_PATIENCE", 0.5)


def _text(name: str) -> str:
    found = source.Source(name, "csv")
    try:
        with found.text() as text:
            return text.read()
    finally:
        found.close()


def _say(path: Path | int, *pauses: float) -> None:
    with open(path, "wb") as pipe:
        for pause, piece in zip(pauses, (LIST[:4], LIST[4:]), strict=True):
            time.sleep(pause)
            pipe.write(piece)
            pipe.flush()


@pytest.mark.parametrize("pauses", [(0, 0), (1, 0), (0, 1)], ids=["at once", "late", "in two"])
@pytest.mark.parametrize("kind", ["named", "passed on"])
def test_a_pipe_is_read_to_its_end(kind: str, pauses: tuple[float, float], tmp_path: Path) -> None:
    (reading, writing), name = os.pipe(), tmp_path / "pipe"
    os.mkfifo(name)
    writer = threading.Thread(target=_say, args=(name if kind == "named" else writing, *pauses))
    writer.start()
    assert _text(str(name) if kind == "named" else f"/dev/fd/{reading}") == LIST.decode()
    writer.join()
    os.close(reading)


def test_a_pipe_that_is_at_its_end() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    assert _text(f"/dev/fd/{reading}") == ""
    os.close(reading)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("{folder}/pipe", "cannot be read: it is a pipe, and nobody writes to it (name a list of nodes; - is stdin)"),
        ("{folder}", "cannot be read: Is a directory (name a list of nodes; - is stdin)"),
        ("/dev/zero", "is not a regular file (name a file; - is stdin)"),
        ("/dev/null", "is not a regular file (name a file; - is stdin)"),
    ],
)
def test_nobody_is_waited_for(name: str, told: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    name = name.format(folder=tmp_path)
    with pytest.raises(errors.Refused) as caught:
        source.Source(name, "csv")
    assert caught.value.sentence == f"{name}: {told}"


def test_what_has_no_size_is_read() -> None:
    """A file of /proc, and one that is empty."""
    assert _text("/proc/sys/kernel/ostype") == "Linux\n"
