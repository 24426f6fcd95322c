"""How nodebake asks a web server: again where that may help, not for ever, and never from TLS to what has none."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from generator import errors, regular
from generator.sentences import downloads

TIMEOUT = (15, 60)  # seconds to connect, and without a byte
PATIENCE = 400.0  # seconds until an answer begins, with all tries: a byte of a header now and then would go on for ever
_PATIENCE = 120.0  # seconds for all of an answer that is small
_PAUSE = 0.5  # seconds before the second try, doubled for each after it
# What requests lets through where an address, a redirection's or a proxy's is none: ValueError and urllib3's own.
WRONG = (requests.RequestException, HTTPError, ValueError)

T = TypeVar("T")


class _Session(requests.Session):
    """Follows from TLS to what has none to nobody."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Looked at here, where it is known whose word it is."""
        try:
            target = super().get_redirect_target(resp)
            urlsplit(target or "")
        except ValueError:
            raise downloads.bad_redirect(resp.url, resp.headers.get("Location", "")) from None
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Called with the address that is asked next, as it will be asked: whatever its Location looked like."""
        here, there = response.url or "", prepared_request.url or ""
        if urlsplit(here).scheme == "https" and urlsplit(there).scheme != "https":
            raise downloads.to_plain_http(here, there)
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]


def session() -> requests.Session:
    """Tries again, later and later, where the connection fails or the server does; never where it says no."""
    retry = Retry(total=4, backoff_factor=_PAUSE, status_forcelist=(500, 502, 503, 504), allowed_methods=("GET",))
    session = _Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def local(url: str) -> Path | None:
    """Where a file address leads."""
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None


def small(url: str, most: int) -> bytes:
    """What is at an http, https or file address, if it has no more than `most` bytes. Raises ToolError."""
    try:
        if path := local(url):
            return regular.read(path, most)
        found = within(_PATIENCE, functools.partial(_small, url, most))
    except (*WRONG, TimeoutError) as error:
        raise errors.fetch_failed(url, why(error)) from None
    except OSError as error:
        raise errors.fetch_failed(url, error.strerror or str(error)) from None
    if len(found) > most:
        raise errors.fetch_failed(url, f"it has more than {regular.size(most)}")
    return found


def _small(url: str, most: int) -> bytes:
    with session() as asking, asking.get(url, stream=True, timeout=TIMEOUT) as answer:
        answer.raise_for_status()
        return answer.raw.read(most + 1, decode_content=True)


def within(seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` gives or raises; TimeoutError where it has not ended by then, whatever it is that takes so long.

    A time-out of a socket begins anew with each byte: of a header, of a handshake, of one redirection of many. So it
    runs in a thread of its own, which is left to itself then, and ends with this program at the latest.
    """
    told: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            told.append(ask())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not told:
        raise TimeoutError(downloads.not_within(seconds))
    return told[0]


def why(error: Exception) -> str:
    """The innermost reason: requests wraps urllib3, which wraps the socket's. No login is in it."""
    if isinstance(error, requests.HTTPError):
        return f"the server says {error.response.status_code}"
    if isinstance(error, ValueError) and not isinstance(error, (requests.RequestException, HTTPError)):
        return downloads.bad_address(str(error))
    reason: object = error
    while isinstance(reason, BaseException) and (inner := getattr(reason, "reason", None) or (reason.args or ("",))[0]):
        if inner is reason or isinstance(inner, str):
            return downloads.masked(str(inner))
        reason = inner
    return downloads.masked(str(reason)) or type(error).__name__
