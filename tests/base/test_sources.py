"""Where packages come from."""

from __future__ import annotations

import pytest

from generator import distro, errors, proc
from generator.base import sources
from generator.base.sources import Source

_HOST = """\
http://host/debian/ bookworm
http://host/debian/ bookworm-updates
http://backports/debian/ bookworm-backports
http://host/security/ bookworm-security
"""
_BOTH = ["http://host/debian", "http://host/security"]


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
    monkeypatch.setattr(proc, "run", lambda _argv: _HOST)
    found = sources.of(distro.load("debian-13"), mirror)
    assert [source.uri for source in found] == uris
    assert [source.suites for source in found] == [("trixie", "trixie-updates"), ("trixie-security",)]


def test_a_mirror_with_a_login_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEBAKE_MIRROR", "https://me:hunter2@mirror/debian")
    with pytest.raises(errors.NodebakeError) as caught:
        sources.of(distro.load("debian-13"), None)
    assert caught.value.exit_code == errors.REFUSED
    assert caught.value.sentence == "NODEBAKE_MIRROR has a login in it, and every node would have it, too"


@pytest.mark.parametrize(
    "told", ["", "http://ubuntu/ubuntu noble\n", "http://ppa noble\ngarbage\n", "http://u:p@host/debian trixie\n"]
)
def test_a_host_without_a_mirror_is_told_to_name_one(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """A login in a mirror's address would end up in the image, so such a mirror is none."""
    monkeypatch.delenv("NODEBAKE_MIRROR", raising=False)
    monkeypatch.setattr(proc, "run", lambda _argv: told)
    with pytest.raises(errors.ToolError) as caught:
        sources.of(distro.load("debian-13"), None)
    assert str(caught.value) == "this host's apt names no Debian mirror to build a base from"
    assert "base: {distro: debian-13, mirror: http://...}" in caught.value.hint


def test_one_named_mirror_is_enough(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(proc, "run", lambda _argv: "")
    assert [source.uri for source in sources.of(distro.load("debian-13"), "http://m")] == ["http://m"]
    assert "no mirror of trixie's security updates is known" in capsys.readouterr().err


def test_this_hosts_apt_is_understood() -> None:
    """The real apt-get, whatever its lists are: scripts/test runs on a Debian."""
    assert all("://" in uri for uri in sources.hosts())


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
