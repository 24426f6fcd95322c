"""How nodebake asks a web server: again where that may help, and never from TLS to what has none."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from generator import errors
from generator.sentences import downloads

TIMEOUT = (15, 60)  # seconds to connect, and without a byte
_PAUSE = 0.5  # seconds before the second try, doubled for each after it


class _Session(requests.Session):
    """Follows from TLS to what has none to nobody."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and resp.url.startswith("https:") and urljoin(resp.url, target).startswith("http:"):
            raise downloads.to_plain_http(resp.url, urljoin(resp.url, target))
        return target


def session() -> requests.Session:
    """Tries again, later and later, where the connection fails or the server does; never where it says no."""
    retry = Retry(total=4, backoff_factor=_PAUSE, status_forcelist=(500, 502, 503, 504), allowed_methods=("GET",))
    session = _Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def small(url: str, most: int) -> bytes:
    """What is at an http, https or file address, if it has no more than `most` bytes. Raises ToolError."""
    source = urlsplit(url)
    try:
        if source.scheme == "file":
            with Path(unquote(source.path)).open("rb") as file:
                found = file.read(most + 1)
        else:
            with session() as asking, asking.get(url, stream=True, timeout=TIMEOUT) as answer:
                answer.raise_for_status()
                found = answer.raw.read(most + 1, decode_content=True)
    except requests.HTTPError as error:
        raise errors.fetch_failed(url, f"the server says {error.response.status_code}") from None
    except requests.RequestException as error:
        raise errors.fetch_failed(url, why(error)) from None
    except (OSError, HTTPError) as error:
        raise errors.fetch_failed(url, getattr(error, "strerror", None) or str(error)) from None
    if len(found) > most:
        raise errors.fetch_failed(url, f"it has more than {most >> 10} KiB")
    return found


def why(error: requests.RequestException) -> str:
    """The innermost reason: requests wraps urllib3, which wraps the socket's."""
    reason: object = error
    while isinstance(reason, BaseException) and (inner := getattr(reason, "reason", None) or (reason.args or ("",))[0]):
        if inner is reason or isinstance(inner, str):
            return str(inner)
        reason = inner
    return str(reason) or type(error).__name__
