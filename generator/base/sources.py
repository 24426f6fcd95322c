"""Where a base's packages come from: apt sources for the build and, the same ones, for the node."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests

from generator import distro as distros
from generator import errors, proc, progress
from generator.base import web
from generator.model import Distro
from generator.sentences import inputs

# What a Debian host may call the release it is on, beside its codename.
_SUITES = {"stable", "oldstable", "oldoldstable", "testing", "unstable", "sid"}
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_ASK_APT = (
    "apt-get",
    "indextargets",
    "--no-release-info",
    "--format",
    "$(REPO_URI) $(RELEASE)",
    "Created-By: Packages",
)
_DAY = 86400
_PATIENCE = 60.0  # seconds for the first lines of a Release


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

    `mirror`, else $NODEBAKE_MIRROR, names one mirror, or two with a space between: the second is for security. What is
    not named is what this host's own apt uses. Raises ToolError where there is neither.
    """
    named = (mirror or os.environ.get("NODEBAKE_MIRROR", "")).split()
    if any("@" in uri for uri in named):
        raise inputs.mirror_with_login()
    main, security = (*named, *hosts()[len(named) :])[:2] if len(named) < 2 else named[:2]
    if not main:
        raise errors.no_mirror(distro.id)
    if not security:
        progress.note(f"no mirror of {distro.suite}'s security updates is known: the base is made without them")
    suite = distro.suite
    sources = Source(main, (suite, f"{suite}-updates")), Source(security, (f"{suite}-security",))
    return tuple(source for source in sources if source.uri)


def hosts() -> tuple[str, str]:
    """The Debian mirror of this host's apt, and the one of its security updates; empty where it has none."""
    try:
        told = proc.run(_ASK_APT)
    except errors.ToolError:
        return "", ""
    releases = _SUITES | {distros.load(known).suite for known in distros.known()}
    found = [line.split() for line in told.splitlines() if len(line.split()) == 2]
    uris = [(uri.rstrip("/"), *release.partition("-")) for uri, release in found if "@" not in uri]
    main = [uri for uri, release, _, kind in uris if release in releases and not kind]
    security = [uri for uri, release, _, kind in uris if release in releases and kind == "security"]
    return next(iter(main), ""), next(iter(security), "")


def epoch(sources: Iterable[Source]) -> int:
    """SOURCE_DATE_EPOCH: the day on which the newest of these releases was signed, in seconds since 1970.

    No package in them is newer. That matters beyond reproducibility: a .py whose time is clamped to before what its
    .pyc says would be compiled again at every boot. Where a release cannot be asked (a mirror that is not http), it is
    the start of today.
    """
    try:
        return max(_signed(f"{source.uri}/dists/{suite}/InRelease") for source in sources for suite in source.suites)
    except (*web.WRONG, OSError):
        return int(time.time()) // _DAY * _DAY


def _head(url: str) -> bytes:
    with requests.get(url, timeout=15, stream=True) as answer:
        answer.raise_for_status()
        return next(answer.iter_content(4096), b"")


def _signed(url: str) -> int:
    head = web.within(_PATIENCE, functools.partial(_head, url))
    for line in head.decode("utf-8", "replace").splitlines():
        if line.startswith("Date: "):
            return int(parsedate_to_datetime(line.removeprefix("Date: ")).timestamp())
    raise ValueError(url)
