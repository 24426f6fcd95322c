"""What can be wrong with a download, beside what errors.py has."""

from __future__ import annotations

import re

from generator.errors import ToolError, address, fetch_failed, shown, visible

_LOGIN = re.compile(r"(?://.*|\S*)@")
_PART = re.compile(r"'[^']*' is not a valid host")  # of a login with a / in it, the beginning
_QUERY = re.compile(r"\?\S+")


def masked(text: str) -> str:
    """What a library says of an address, which may be a proxy's: without a login or a query, and on one line."""
    return visible(_QUERY.sub("?***", _LOGIN.sub("***@", _PART.sub("'***' is not a valid host", text))))


def to_plain_http(url: str, target: str) -> ToolError:
    return ToolError(
        f"cannot fetch {address(url)}: it redirects to {address(target)}, without TLS",
        "name that address in the profile if it is meant: the sha256 is checked all the same",
    )


def bad_redirect(url: str, target: str) -> ToolError:
    return ToolError(
        visible(f"cannot fetch {address(url)}: it redirects to {shown(address(target))}, which is no address"),
        "name an address that leads somewhere",
    )


def bad_address(why: str) -> str:
    """`why` is the word of a library, of the address itself or of a proxy's."""
    return f"that address, or a proxy's in http_proxy and the like, is none: {masked(why)}"


def too_slow(url: str, kib: int, seconds: float) -> ToolError:
    return fetch_failed(url, f"less than {kib} KiB came within {seconds:.0f} s")


def not_within(seconds: float) -> str:
    return f"the answer was not there after {seconds:.0f} s"


def too_large(url: str, size: str) -> ToolError:
    """What came of it is not kept: it would never be an image."""
    return ToolError(f"cannot fetch {address(url)}: it has more than {size}; removed", "is it the image's address?")


def no_beginning(url: str) -> ToolError:
    return fetch_failed(url, "the server says 416, that there is no such part of it, though all of it was asked for")
