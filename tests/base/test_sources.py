"""Where packages come from."""

from __future__ import annotations

import pytest

from generator import distro
from generator.base import sources
from generator.base.sources import Source

_BOTH = ["http://deb.debian.org/debian", "http://deb.debian.org/debian-security"]


@pytest.mark.parametrize(
    ("mirror", "environment", "uris"),
    [
        (None, "", _BOTH),
        ("https://m/debian", "", ["https://m/debian", _BOTH[1]]),
        ("https://m/debian https://m/security", "https://other", ["https://m/debian", "https://m/security"]),
        (None, "https://other", ["https://other", _BOTH[1]]),
    ],
)
def test_mirrors(monkeypatch: pytest.MonkeyPatch, mirror: str | None, environment: str, uris: list[str]) -> None:
    monkeypatch.setenv("NODEBAKE_MIRROR", environment)
    found = sources.of(distro.load("debian-12"), mirror)
    assert [source.uri for source in found] == uris
    assert [source.suites for source in found] == [("bookworm", "bookworm-updates"), ("bookworm-security",)]


def test_both_styles_say_the_same() -> None:
    source = Source("http://m/debian", ("trixie", "trixie-updates"))
    assert source.lines() == ("deb http://m/debian trixie main", "deb http://m/debian trixie-updates main")
    assert "URIs: http://m/debian\nSuites: trixie trixie-updates\nComponents: main\n" in source.deb822()


def test_the_epoch_is_when_the_newest_release_was_signed(server) -> None:
    server.body = b"Hash: SHA512\n\nOrigin: Debian\nDate: Sat, 15 Nov 2025 10:00:00 UTC\n"
    mirror = server.url.rsplit("/", 1)[0]
    assert sources.epoch([Source(mirror, ("trixie",))]) == 1763200800


def test_without_an_answer_the_epoch_is_today() -> None:
    assert sources.epoch([Source("http://127.0.0.1:9", ("trixie",))]) % 86400 == 0
