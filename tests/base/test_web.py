"""What a server, a redirection, a proxy or a file may be instead of what was meant: a sentence each, and an end."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from generator import base, errors, regular
from generator.base import fetch, sources, web
from generator.model import BasePin

LOCATIONS = ["http://h/x", "HTTP://h/x", "ht\ttp://h/x", " http://h/x", "hTtP://h/x", "ftp://h/x"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_PAUSE", 0.001)


def _redirected(url: str, location: str) -> requests.PreparedRequest:
    """What is asked next, up to the moment in which it would be."""
    answer = requests.Response()
    answer.url, answer.status_code, answer.raw = url, 302, io.BytesIO()
    answer.headers["Location"] = location
    with web.session() as session:
        asked = answer.request = session.prepare_request(requests.Request("GET", url))
        return next(session.resolve_redirects(answer, asked, yield_requests=True))


@pytest.mark.parametrize("location", LOCATIONS)
def test_from_tls_to_what_has_none(location: str) -> None:
    with pytest.raises(errors.ToolError, match=r"^cannot fetch https://a/x: it redirects to \S+h/x, without TLS$"):
        _redirected("https://a/x", location)


@pytest.mark.parametrize(
    ("url", "location", "asked"),
    [
        ("https://a/x", "https://h/x", "https://h/x"),
        ("https://a/x", "HTTPS://h/x", "https://h/x"),
        ("https://a/x", "//h/x", "https://h/x"),
        ("https://a/x", "y", "https://a/y"),
        ("http://a/x", "HTTP://h/x", "http://h/x"),
    ],
)
def test_redirections_that_are_followed(url: str, location: str, asked: str) -> None:
    assert _redirected(url, location).url == asked


class Raw:
    """Answers each connection with the same bytes, and then no more; or `slowly`, with a byte now and then."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/image.qcow2"
        self.answer, self.slowly, self.enough = b"", False, threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            there, _ = self.listening.accept()
            with there:
                if self.enough.is_set():
                    return
                there.recv(1 << 16)
                there.sendall(self.answer)
                while self.slowly and not self.enough.wait(0.02):
                    there.sendall(b"x")

    def end(self) -> None:
        self.enough.set()
        socket.create_connection(self.listening.getsockname()).close()
        self.thread.join()
        self.listening.close()


@pytest.fixture
def raw() -> Iterator[Raw]:
    running = Raw()
    yield running
    running.end()


def _obtain(url: str) -> str:
    with pytest.raises(errors.ToolError) as caught:
        base.obtain(BasePin(url, "0" * 64, "debian-13"))
    assert caught.value.exit_code == errors.TOOL
    return caught.value.sentence


def _small(url: str) -> str:
    with pytest.raises(errors.ToolError) as caught:
        web.small(url, 100)
    return caught.value.sentence


@pytest.mark.parametrize("length", ["abc", "1.5", "100, 100", "-1", "\u0661"])
def test_a_length_that_is_none(cache: Path, raw: Raw, length: str) -> None:
    """It is as if there were none: what came is looked at by its sha256."""
    body = b"x" * 100
    raw.answer = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode() + body
    assert f"sha256 is {hashlib.sha256(body).hexdigest()}" in _obtain(raw.url)


BAD_LOCATIONS = [(b"http://[bad/x", "'http://[bad/x'"), (b"/\xff\xfe", r"'/\xff\xfe'")]


@pytest.mark.parametrize(("location", "shown"), BAD_LOCATIONS)
def test_a_redirection_to_no_address(cache: Path, raw: Raw, location: bytes, shown: str) -> None:
    raw.answer = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    said = f"cannot fetch {raw.url}: it redirects to {shown}, which is no address"
    assert (_obtain(raw.url), _small(raw.url)) == (said, said)


@pytest.mark.parametrize("host", ["[::::::]", "a..b", f"{'a' * 64}.example", "a:99999", "127.0.0.1:70000"])
def test_a_host_that_is_none(cache: Path, host: str) -> None:
    """No profile has these; whoever makes a pin himself meets a sentence."""
    url = f"https://{host}/x"
    for said in (_obtain(url), _small(url)):
        assert said.startswith(f"cannot fetch {url}: ")


@pytest.mark.parametrize("proxy", ["http://u:p[x@h:9", "http://u:se\u2100cret@h:9", "http://u:s p@h:999999"])
def test_a_proxy_that_is_none(cache: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    for said in (_obtain("http://h.example/x"), _small("http://h.example/x")):
        assert said.startswith("cannot fetch http://h.example/x: ")
        assert not any(secret in said for secret in ("p[x", "cret", "s p"))


def test_a_server_that_says_416_to_all(cache: Path, raw: Raw) -> None:
    raw.answer = b"HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"
    said = f"cannot fetch {raw.url}: the server says 416, that there is no such part of it, though all of it was asked"
    assert _obtain(raw.url).startswith(said)
    cache.mkdir(exist_ok=True)
    (cache / f"pinned-{'0' * 32}.part").write_bytes(b"what came")
    assert _obtain(raw.url).startswith(said)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_byte_now_and_then(raw: Raw, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    """In what is small, wherever it comes: as the status, in a header, in the body."""
    monkeypatch.setattr(web, "_PATIENCE", 0.3)
    raw.answer, raw.slowly = answer, True
    with pytest.raises(errors.ToolError, match=f"^cannot fetch {raw.url}: the answer was not there after 0 s$"):
        web.small(raw.url, 1 << 20)


def test_a_header_that_does_not_end(cache: Path, raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.3)
    raw.answer, raw.slowly = b"HTTP/1.1 200 OK\r\nX: ", True
    assert _obtain(raw.url) == f"cannot fetch {raw.url}: the answer was not there after 0 s"


def test_a_release_that_does_not_end(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the epoch is today."""
    monkeypatch.setattr(sources, "_PATIENCE", 0.3)
    raw.answer, raw.slowly = b"HTTP/1.1 200 OK\r\n\r\nOrigin: ", True
    assert sources.epoch([sources.Source(raw.url, ("trixie",))]) % 86400 == 0


def test_more_than_any_image_has(cache: Path, raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_MOST", 2048)
    raw.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4096
    assert _obtain(raw.url) == f"cannot fetch {raw.url}: it has more than 2 KiB; removed"
    assert list(cache.glob("*.part")) == []


NO_FILES = [
    ("/dev/zero", "it is not a regular file"),
    ("{folder}/fifo", "it is not a regular file"),
    ("{folder}", "it is not a regular file"),
    ("{folder}/large", "it has more than 50 bytes"),
    ("{folder}/a%00b", "there is a NUL in its name"),
    ("{folder}/none", "No such file or directory"),
]


@pytest.mark.parametrize(("path", "why"), NO_FILES)
def test_a_file_address_of_something_else(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, why: str
) -> None:
    monkeypatch.setattr(fetch, "_MOST", 50)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_bytes(b"x" * 51)
    url = f"file://{path.format(folder=tmp_path)}"
    assert _obtain(url) == f"cannot fetch {url}: {why}"
    assert list(cache.glob("*.part")) == []
    with pytest.raises(errors.ToolError) as caught:
        web.small(url, 50)
    assert caught.value.sentence == f"cannot fetch {url}: {why}"


def test_a_file_without_a_size(tmp_path: Path) -> None:
    """One of /proc's says 0, and has more."""
    with pytest.raises(OSError, match="it has more than 5 bytes"):
        regular.copy("/proc/self/status", tmp_path / "copy", 5)
