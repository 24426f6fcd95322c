"""What is told of addresses: no login, no query, which may be a signature. And of a host that has no memory left."""

from __future__ import annotations

import re

import pytest

from generator import cli, errors
from generator import plan as planning
from generator.base import web
from generator.model import BasePin


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://user:CANARY@h/x", "https://***@h/x"),
        ("https://CANARY@h/x", "https://***@h/x"),
        ("https://user:CAN/ARY@h/x", "https://***@h/x"),
        ("https://user:CAN ARY@h/x", "https://***@h/x"),
        ("https://user:CAN@ARY@h/x", "https://***@h/x"),
        ("user:CANARY@h/x", "***@h/x"),
        ("https://h/x?tok=CANARY and more", "https://h/x?***"),
        ("https://h/x", "https://h/x"),
        ("why? because", "why? because"),
        ("pause:3.9@sha256:abcd", "pause:3.9@sha256:abcd"),
        ("getty@tty1.service", "getty@tty1.service"),
        ("net.ipv4.conf.eth0:1.forwarding", "net.ipv4.conf.eth0:1.forwarding"),
    ],
)
def test_no_login(text: str, told: str) -> None:
    assert errors.masked(text) == told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://h/x.qcow2", "https://h/x.qcow2"),
        ("https://h/x.qcow2?X-Amz-Signature=CANARY", "https://h/x.qcow2?***"),
        ("https://u:CANARY@h/x?a=CANARY", "https://***@h/x?***"),
        ("https://h/x?", "https://h/x?***"),
    ],
)
def test_no_query(url: str, told: str) -> None:
    assert BasePin(url, "ab" * 32, "debian-13").told == told
    assert str(errors.fetch_failed(url, "no")) == f"cannot fetch {told}: no"


@pytest.mark.parametrize("proxy", ["http://user:CANARY@127.0.0.1:99999", "http://user:CAN/ARY@h", "user:CANARY@:x"])
def test_no_login_of_a_proxy(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setattr(web, "_PAUSE", 0)
    with pytest.raises(errors.ToolError) as caught:
        web.small("http://h.invalid/x?a=CANARY", 5)
    assert caught.value.sentence.startswith("cannot fetch http://h.invalid/x?***: ")
    assert not re.search("CANARY|CAN|user", caught.value.sentence)


def test_no_memory_is_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def load(_: str) -> None:
        raise MemoryError

    monkeypatch.setattr(planning, "load", load)
    assert cli.run(["plan", "x"]) == errors.TOOL
    assert capsys.readouterr().err.startswith("nodebake: there is not memory enough for that\n")
