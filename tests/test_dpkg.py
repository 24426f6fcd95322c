"""dpkg's record of what is installed."""

from __future__ import annotations

from generator import dpkg
from tests import debian


def test_what_is_installed() -> None:
    """What was removed is not, and a description may say anything."""
    found = dpkg.installed(debian.STATUS.encode())
    assert [package.name for package in found] == ["dpkg", "libc6"]
    assert dpkg.listing(found) == dpkg.listing(found[::-1]) == debian.PACKAGES


def test_nothing() -> None:
    assert dpkg.installed(b"") == ()
    assert dpkg.installed(b"\xff\n\n\nStatus\n") == ()
