"""What came and went with a version of Kubernetes is answered, whatever people call it."""

from __future__ import annotations

import json

import pytest

from generator import explain, reasons
from generator.explain import answers, features
from generator.facts import versions
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("asked", "name", "told"),
    [
        ("NodeSwap", "NodeSwap", "1.34: stable"),
        ("nodeswap", "NodeSwap", "1.22: alpha"),
        ("'NodeSwap=true'", "NodeSwap", "1.28: beta, off by default"),
        ("UnlimitedSwap", "UnlimitedSwap", "1.30: removed"),
        ("ipvs", "kube-proxy-ipvs", "1.35: deprecated"),
        ("cgroup v1", "kubelet-on-cgroup-v1", "1.35: removed"),
        ("cgroup-v1", "kubelet-on-cgroup-v1", "1.22 or before: stable"),
        ("failCgroupV1", "kubelet-on-cgroup-v1", "node.cgroup-v2"),
        ("nftables", "NFTablesProxyMode", "1.33: stable"),
        ("swap-stops-kubeadm", "swap-stops-kubeadm", "1.23: removed"),
    ],
)
def test_names(asked: str, name: str, told: str) -> None:
    text = answers.answer(asked, "text")
    assert text.error is None
    assert text.text.startswith(f"{name}, of Kubernetes\n")
    assert told in text.text
    assert json.loads(answers.answer(asked, "json").text)["name"] == name
    assert f"`{name}`" in answers.answer(asked, "markdown").text


@pytest.mark.parametrize("name", versions.features())
def test_told_whole(name: str) -> None:
    feature = versions.features()[name]
    told = json.loads(answers.answer(name, "json").text)
    assert told["kind"] == "feature"
    assert (told["what"], told["source"], told["names"]) == (feature.what, feature.source, list(feature.names))
    assert [(one["since"], one["stage"]) for one in told["stages"]] == [(str(at), to) for at, to in feature.stages]
    assert told["settings"], "which setting is it to do with?"
    assert feature.what in " ".join(answers.answer(name, "text").text.split())
    assert f"`{name}`: " in (ROOT / "docs/settings.md").read_text(encoding="utf-8")


def test_each_name_is_one_feature_s() -> None:
    said = [name for one in features.everything() for name in (one.name, *one.feature.names)]
    assert len({features.find(name) for name in said}) == len(features.everything())
    assert not [name for name in said if explain.find(name)], "a row has that name"


def test_it_is_listed() -> None:
    assert {one["name"] for one in json.loads(answers.everything("json"))["features"]} == set(versions.features())
    assert "\n  NodeSwap " in answers.everything("text")


def test_it_is_guessed() -> None:
    assert explain.guesses("NodeSwa") == ["NodeSwap"]


@pytest.mark.parametrize("asked", ["", " ", "-", "swap", "node", "v1", "cgroup"])
def test_no_feature(asked: str) -> None:
    assert features.find(asked) is None


def test_rows_name_features() -> None:
    assert {name for row in reasons.rows().values() for name in row.features} == set(versions.features())
