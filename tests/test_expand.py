"""What settings bring to one another, and who wins."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import pytest

from generator import distro, errors, expand, settings
from generator.model import Implied, Profile
from generator.settings import Context

MARKS = {("preset",): (4, 1), ("preset", "cni"): (5, 3), ("other",): (9, 1)}


def _context(value: dict[str, object]) -> Context:
    return Context(Profile("n", "debian-13", value, "", "p.yaml", MARKS), distro.load("debian-13"))


@pytest.fixture
def preset(monkeypatch: pytest.MonkeyPatch):
    """Make stems that imply what a test says."""

    def make(**implied: Iterable[Implied]) -> None:
        stems = {
            name: SimpleNamespace(AFTER=(), implies=lambda value, context, rows=tuple(rows): rows)
            for name, rows in implied.items()
        }
        monkeypatch.setattr(settings, "stems", lambda: {**stems, "sysctl": None, "modules": None, "swap": None})

    return make


def _row(stem: str, key: str, value: object, by: str = "preset.cni") -> Implied:
    return Implied(stem, key, value, by, "because", "somewhere")


def test_what_is_implied_is_there_and_its_origin_is_known(preset) -> None:
    preset(preset=[_row("sysctl", "a.b", 0), _row("modules", "overlay", None), _row("swap", "", "disabled")])
    found = expand.expand(_context({"preset": {"cni": "x"}, "modules": ["br_netfilter"]}))
    assert found.settings["sysctl"] == {"a.b": 0}
    assert found.settings["modules"] == ["br_netfilter", "overlay"]
    assert found.settings["swap"] == "disabled"
    assert found.origins["sysctl", "a.b"].by == "preset.cni"
    assert found.origins["modules", "br_netfilter"].by == ""
    assert found.place(("sysctl", "a.b")) == (5, 3)


def test_the_users_value_wins_and_zero_is_a_value(preset) -> None:
    preset(preset=[_row("sysctl", "a.b", 1), _row("swap", "", "disabled")])
    found = expand.expand(_context({"preset": {}, "sysctl": {"a.b": 0}, "swap": {"mode": "limited"}}))
    assert found.settings["sysctl"] == {"a.b": 0}
    assert found.settings["swap"] == {"mode": "limited"}
    assert [lost.value for lost in found.origins["sysctl", "a.b"].overruled] == [1]


@pytest.mark.parametrize(
    ("stem", "written", "implied"),
    [
        ("sysctl", {"net.ipv4.conf.all.forwarding": 0}, ("net.ipv4.ip_forward", 1)),
        ("modules", ["br-netfilter"], ("br_netfilter", None)),
        ("packages", ["iptables=1.8.9-2"], ("iptables", None)),
    ],
)
def test_a_key_by_another_name_is_the_same_key(
    monkeypatch: pytest.MonkeyPatch, stem: str, written: object, implied: tuple[str, object]
) -> None:
    rows = (_row(stem, *implied),)
    real = settings.stems()
    monkeypatch.setattr(settings, "stems", lambda: {"preset": SimpleNamespace(implies=lambda *_: rows), **real})
    found = expand.expand(_context({"preset": {}, stem: written}))
    assert found.settings[stem] == written
    lost = [one.value for origin in found.origins.values() for one in origin.overruled]
    assert lost == ([1] if stem == "sysctl" else [])


def test_a_number_and_its_text_agree(preset) -> None:
    preset(preset=[_row("sysctl", "a.b", 1)])
    found = expand.expand(_context({"preset": {}, "sysctl": {"a.b": "1"}}))
    assert found.settings["sysctl"] == {"a.b": "1"}
    assert not found.origins["sysctl", "a.b"].overruled


def test_what_agrees_is_no_conflict(preset) -> None:
    preset(preset=[_row("sysctl", "a.b", 1)], other=[_row("sysctl", "a.b", 1, "other")])
    found = expand.expand(_context({"preset": {}, "other": {}}))
    assert found.origins["sysctl", "a.b"].by == "preset.cni"


def test_presets_that_contradict_are_refused(preset) -> None:
    preset(preset=[_row("sysctl", "a.b", 1)], other=[_row("sysctl", "a.b", 2, "other")])
    with pytest.raises(errors.Refused) as caught:
        expand.expand(_context({"preset": {}, "other": {}}))
    assert str(caught.value) == (
        "p.yaml:9:1: other: other wants sysctl.a.b to be 2, and preset.cni wants 1 "
        "(write sysctl.a.b yourself: what the profile says wins)"
    )


def test_what_is_implied_may_imply(preset) -> None:
    preset(preset=[Implied("other", "", {}, "preset", "")], other=[_row("sysctl", "c.d", 7, "other")])
    assert expand.expand(_context({"preset": {}})).settings["sysctl"] == {"c.d": 7}


def test_the_profile_that_was_read_is_not_changed(preset) -> None:
    preset(preset=[_row("sysctl", "a.b", 1)])
    context = _context({"preset": {}, "sysctl": {}})
    expand.expand(context)
    assert context.profile.settings["sysctl"] == {}
