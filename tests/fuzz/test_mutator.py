"""Of what is refused in `network` and `vars`, the mutator makes each kind within a few hundred profiles."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.fuzz import mutator

_SEED = b"apiVersion: nodebake/v1\nname: n\nmodules: [overlay]\n"
_MADE = 3000


@functools.cache
def _trees() -> list[dict[str, Any]]:
    mutate = mutator.mutator(lambda raw, _most: raw, [_SEED])
    made = [yaml.safe_load(mutate(_SEED, 1 << 14, seed)) for seed in range(_MADE)]
    return [tree for tree in made if isinstance(tree, dict)]


def _cards(tree: dict[str, Any], kind: str) -> list[Any]:
    network = tree.get("network")
    cards = network.get(kind) if isinstance(network, dict) else None
    return list(cards.values()) if isinstance(cards, dict) else []


def _names(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [node["var"]] if set(node) == {"var"} else [name for one in node.values() for name in _names(one)]
    return [name for one in node for name in _names(one)] if isinstance(node, list) else []


def _unsound(tree: dict[str, Any]) -> bool:
    value = tree["vars"].get("v") if isinstance(tree.get("vars"), dict) else None
    return not isinstance(value, dict) or value.get("type") == "txt"


KINDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "a VLAN without a link": lambda tree: any(
        isinstance(one, dict) and "link" not in one for one in _cards(tree, "vlans")
    ),
    "a VLAN that is a text": lambda tree: any(isinstance(one, str) for one in _cards(tree, "vlans")),
    "a network that is a value": lambda tree: (tree.get("network") or {}) == {"var": "hostname"},
    "a network that is a number's": lambda tree: tree.get("network") == {"var": "v"} and not _unsound(tree),
    "a list for a name, and bad vars": lambda tree: ["v"] in _names(tree.get("network")) and _unsound(tree),
    "true beside a name": lambda tree: {True, "mac"} <= {n for n in _names(tree.get("network")) if n in (True, "mac")},
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_made(kind: str) -> None:
    assert any(map(KINDS[kind], _trees()))
