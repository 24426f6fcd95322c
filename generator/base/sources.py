"""Where a base's packages come from: apt sources for the build and, the same ones, for the node."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests

from generator.model import Distro

_DEFAULT = ("http://deb.debian.org/debian", "http://deb.debian.org/debian-security")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Source:
    uri: str
    suites: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """For mmdebstrap: one-line style, which finds the host's keys by itself."""
        return tuple(f"deb {self.uri} {suite} main" for suite in self.suites)

    def deb822(self) -> str:
        """For the node."""
        return (
            f"Types: deb\nURIs: {self.uri}\nSuites: {' '.join(self.suites)}\nComponents: main\nSigned-By: {_KEYRING}\n"
        )


def of(distro: Distro, mirror: str | None) -> tuple[Source, ...]:
    """The release with its updates, and its security updates.

    `mirror`, else $NODEBAKE_MIRROR, names one mirror, or two with a space between: the second is for security.
    """
    named = (mirror or os.environ.get("NODEBAKE_MIRROR", "")).split()
    main, security = (*named, *_DEFAULT[len(named) :])[:2]
    suite = distro.suite
    return Source(main, (suite, f"{suite}-updates")), Source(security, (f"{suite}-security",))


def epoch(sources: Iterable[Source]) -> int:
    """SOURCE_DATE_EPOCH: the day on which the newest of these releases was signed, in seconds since 1970.

    No package in them is newer. That matters beyond reproducibility: a .py whose time is clamped to before what its
    .pyc says would be compiled again at every boot. Where a release cannot be asked (a mirror that is not http), it is
    the start of today.
    """
    try:
        return max(_signed(f"{source.uri}/dists/{suite}/InRelease") for source in sources for suite in source.suites)
    except (requests.RequestException, ValueError):
        return int(time.time()) // _DAY * _DAY


def _signed(url: str) -> int:
    with requests.get(url, timeout=15, stream=True) as answer:
        answer.raise_for_status()
        head = next(answer.iter_content(4096), b"").decode("utf-8", "replace")
    for line in head.splitlines():
        if line.startswith("Date: "):
            return int(parsedate_to_datetime(line.removeprefix("Date: ")).timestamp())
    raise ValueError(url)
