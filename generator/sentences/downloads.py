"""What can be wrong with a download, beside what errors.py has."""

from __future__ import annotations

from generator.errors import ToolError, fetch_failed, visible


def to_plain_http(url: str, target: str) -> ToolError:
    return ToolError(
        visible(f"cannot fetch {url}: it redirects to {target}, without TLS"),
        "name that address in the profile if it is meant: the sha256 is checked all the same",
    )


def too_slow(url: str, kib: int, seconds: float) -> ToolError:
    return fetch_failed(url, f"less than {kib} KiB came within {seconds:.0f} s")
