"""A cache of its own for each test, and a web server on the loopback that can misbehave."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("NODEBAKE_CACHE", str(folder))
    return folder / "base"


class Server(http.server.ThreadingHTTPServer):
    """Serves `body`. `troubles` are spent one a request: a status to answer, bytes to cut after, or to stall after or
    to trickle after (until `enough`), or a redirection to `plain`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = b""
        self.ranges = True
        self.troubles: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.plain = ""
        self.enough = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/image.qcow2"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        trouble, number = self.server.troubles.pop(0) if self.server.troubles else ("", 0)
        if trouble == "status":
            return self._answer(number, b"", {})
        if trouble == "redirect":
            return self._answer(number, b"", {"Location": self.server.plain})
        body, start = self.server.body, 0
        if wanted and self.server.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(body):
            return self._answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        headers = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
        self._answer(206 if start else 200, body[start:], headers, number if trouble else None, trouble)

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None, trouble: str = ""
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:cut])
        while trouble in ("stall", "trickle") and not self.server.enough.wait(1):
            try:
                self.wfile.write(b"x" if trouble == "trickle" else b"")
            except OSError:  # nobody waits any more
                break
        if cut is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()
