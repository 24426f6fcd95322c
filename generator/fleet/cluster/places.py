"""A folder that many machines write to: any URL that fsspec knows. A file there is whole, or it is not there."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator import whole
from generator.errors import NodebakeError
from generator.sentences import clusters

_CHUNK = 1 << 20


class Place:
    """The folder of a URL. Every method raises ToolError where the place cannot be reached or written to."""

    def __init__(self, url: str) -> None:
        """Raises a refusal where nothing has such a URL, ToolError where what reaches it is not installed."""
        self.url = url
        try:
            from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra
            from fsspec.implementations.local import LocalFileSystem  # noqa: PLC0415

            self._files, self._root = url_to_fs(url)
        except ImportError as error:
            missing = (error.name or "").partition(".")[0] == "fsspec"
            raise clusters.no_distributed("fsspec") if missing else clusters.no_file_system(url, str(error)) from None
        except ValueError as error:
            raise clusters.no_such_url(url, str(error)) from None
        except Exception as error:  # each file system has its own
            raise clusters.failed_there(url, told(error)) from None
        self._local = isinstance(self._files, LocalFileSystem)
        if self._local:  # another machine's working directory is another one
            self.url = f"file://{self._root}"

    def write(self, name: str, content: bytes | memoryview) -> None:
        """Put a file there, instead of the one that was there before, if any. On a disk it is its owner's alone."""
        with self._telling():
            if self._local:
                with whole.file(Path(self._path(name)), shared=True) as out:
                    out.write(content)
            elif type(self._files).mv is _no_move():
                self._files.pipe_file(self._path(name), bytes(content))  # of object storage, one put
            else:
                self._moved(self._path(name), bytes(content))

    def _moved(self, path: str, content: bytes) -> None:
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        stage = f"{path}.{uuid.uuid4().hex}"
        try:
            self._files.pipe_file(stage, content)
            self._files.mv(stage, path)
        except BaseException:
            if self._files.exists(stage):
                self._files.rm(stage)
            raise

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file there that is too large for the memory. Until it has ended there may be a part of it."""
        with self._telling():
            path = self._path(name)
            if type(self._files).mv is not _no_move():  # of object storage there are no folders to make
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self._files.open(path, "wb") as out:
                for piece in pieces:
                    out.write(piece)

    def read(self, name: str) -> bytes | None:
        """A file, None where there is none."""
        with self._telling():
            self._files.invalidate_cache()
            try:
                return bytes(self._files.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def size(self, name: str) -> int | None:
        """How many bytes a file has, None where there is none."""
        with self._telling():
            self._files.invalidate_cache()
            try:
                return int(self._files.info(self._path(name))["size"])
            except FileNotFoundError:
                return None

    def digest(self, name: str) -> str | None:
        """The sha256 of a file, which is read to its end; None where there is none."""
        found = hashlib.sha256()
        with self._telling():
            self._files.invalidate_cache()
            try:
                with self._files.open(self._path(name), "rb") as file:
                    for piece in iter(lambda: file.read(_CHUNK), b""):
                        found.update(piece)
            except FileNotFoundError:
                return None
        return found.hexdigest()

    def names(self, folder: str) -> list[str]:
        """What files and folders in a folder are called; nothing where there is none."""
        with self._telling():
            self._files.invalidate_cache()
            try:
                paths = self._files.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return []
        return [str(path).rstrip("/").rpartition("/")[2] for path in paths]

    def keep(self, folder: str, names: Collection[str]) -> None:
        """Remove what is in a folder and is none of these: what a worker that died had begun."""
        kept = {name.rpartition("/")[2] for name in names}
        with self._telling():
            self._files.invalidate_cache()
            for path in self._files.find(self._path(folder)):
                if str(path).rpartition("/")[2] not in kept:
                    self._files.rm_file(path)

    def remove(self, folder: str) -> None:
        """A folder with all that is in it, if it is there."""
        with self._telling():
            self._files.invalidate_cache()
            if self._files.exists(self._path(folder)):
                self._files.rm(self._path(folder), recursive=True)

    def _path(self, name: str) -> str:
        return f"{str(self._root).rstrip('/')}/{name}"

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except NodebakeError:
            raise
        except Exception as error:  # each file system has its own
            raise clusters.failed_there(self.url, told(error)) from None


def _no_move() -> Any:  # noqa: ANN401 - a method
    """What a file system has that moves by copying: object storage, where a put is whole or nothing."""
    from fsspec import AbstractFileSystem  # noqa: PLC0415

    return AbstractFileSystem.mv


def told(error: BaseException) -> str:
    """An error of somebody else's library in one line."""
    text = (getattr(error, "strerror", None) or str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__
