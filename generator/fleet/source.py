"""The list of nodes as bytes that can be read twice, and that are known to be the same both times."""

from __future__ import annotations

import hashlib
import os
import select
import stat
import sys
import tempfile
from pathlib import Path
from typing import IO, BinaryIO

from generator import errors, regular
from generator.fleet import reading
from generator.sentences import nodes

MOST = 8 << 30  # bytes of a list that comes through a pipe: it may have no end, and the disk has
_PATIENCE = 10.0  # seconds in which somebody begins to write to a pipe


class Source:
    """An open list. A pipe is kept in a file first."""

    def __init__(self, name: str, form: str | None) -> None:
        self.name = name
        self.form = form or _form_of(name)
        self._bytes = _open(name)
        self._found = self._stamp()

    def text(self) -> IO[str]:
        """From its beginning. What is no UTF-8 is kept, as what no column takes."""
        os.lseek(self._bytes.fileno(), 0, os.SEEK_SET)
        again = os.dup(self._bytes.fileno())
        return open(again, encoding="utf-8-sig", errors="surrogateescape", newline="")

    def digest(self) -> str:
        """The sha256 of all of it."""
        os.lseek(self._bytes.fileno(), 0, os.SEEK_SET)
        with open(os.dup(self._bytes.fileno()), "rb") as again:
            return hashlib.file_digest(again, "sha256").hexdigest()

    def unchanged(self) -> None:
        """Raises a refusal where somebody wrote to it meanwhile: what was looked at is not what was read then."""
        if self._stamp() != self._found:
            raise errors.usage(nodes.changed(self.name), "run it again when nobody writes to it")

    def _stamp(self) -> tuple[int, int]:
        found = os.fstat(self._bytes.fileno())
        return found.st_size, found.st_mtime_ns

    def close(self) -> None:
        self._bytes.close()


def _form_of(name: str) -> str:
    form = reading.ENDINGS.get(Path(name).suffix.lower())
    if form is None:
        raise nodes.of_what_form(name)
    return form


def _open(name: str) -> BinaryIO:
    if name == "-":
        return _kept(sys.stdin.buffer, name)
    try:
        return _opened(name)
    except regular.NotRegularError:
        raise errors.not_a_file(name) from None
    except OSError as error:
        raise errors.no_nodes_file(name, error.strerror or str(error)) from None


def _opened(name: str) -> BinaryIO:
    found = regular.stream(regular.descriptor(name))
    known = os.fstat(found.fileno())
    if stat.S_ISREG(known.st_mode) and known.st_size:
        return found
    with found:
        begun = b""
        if stat.S_ISFIFO(known.st_mode):
            begun = _begun(found.fileno(), name)
        elif not stat.S_ISREG(known.st_mode):  # a device has no end; a file of /proc has no size, and is read once
            raise errors.not_a_file(name)
        return _kept(found, name, begun)


def _begun(pipe: int, name: str) -> bytes:
    """The beginning, or nothing yet, of a pipe that somebody has open, however slowly they write. Raises a refusal."""
    ready, _, _ = select.select([pipe], [], [], _PATIENCE)
    try:
        begun = os.read(pipe, 1 << 16)
    except BlockingIOError:
        begun = b""
    else:
        if not begun and not ready:
            raise errors.no_nodes_file(name, nodes.NOBODY_WRITES)
    os.set_blocking(pipe, True)
    return begun


def _kept(stream: BinaryIO, name: str, begun: bytes = b"") -> BinaryIO:
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - Source closes it
    kept.write(begun)
    while chunk := stream.read(1 << 20):
        kept.write(chunk)
        if kept.tell() > MOST:
            raise errors.usage(*nodes.endless(name, MOST))
    kept.flush()
    return kept
