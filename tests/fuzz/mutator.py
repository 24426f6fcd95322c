"""Every other change is made to the tree of a profile, not to its bytes: what stays YAML gets past the parser."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from tests.oracle.values import AWKWARD

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_GROWN = 0.3  # of the changes
_OTHERS: tuple[Any, ...] = (0, 1, -1, 1 << 31, 1 << 63, -(1 << 63), True, None, 1.5, [], {}, "", "x" * 300, *AWKWARD)
# What stands in a network and in vars, and is nearly right: most refusals of the two are about such as these.
_NAMES: tuple[Any, ...] = ("hostname", "mac", "addresses", "v", "nobody", True, None, 5, ["v"], {"var": "v"})
_ENTRIES: tuple[Any, ...] = (
    {"type": "text"},
    {"type": "txt"},
    {"type": "integer", "default": 5},
    {"type": "prefix", "one_of": ["10.0.0.1/24", "10.0.0.2/24"]},
    {"type": "text", "secret": True, "default": "secret"},
    5,
)
_CARDS: tuple[tuple[str, Any], ...] = (
    ("ethernets", {"addresses": [], "dhcp4": True}),
    ("vlans", {"id": 5, "link": "c"}),
    ("bonds", {"interfaces": ["c"], "parameters": {"mode": "802.3ad"}}),
    ("bridges", {"interfaces": ["c"]}),
)
Place = tuple[Any, Any]  # a mapping or a list, and the key or index of a member


def mutator(plain: Callable[[bytes, int], bytes], donors: list[bytes]) -> Callable[[bytes, int, int], bytes]:
    """`plain` changes bytes. `donors` are documents, of which pieces are taken."""
    trees = [tree for tree in map(_tree, donors) if isinstance(tree, dict)]

    def mutate(raw: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        tree = _tree(raw) if dice.random() < 0.5 else None
        if not isinstance(tree, (dict, list)):
            return plain(raw, most)
        for _ in range(dice.randint(1, 3)):
            _change(tree, dice, trees)
        made: bytes = yaml.dump(tree, Dumper=_DUMPER, sort_keys=False, encoding="utf-8", allow_unicode=True)
        return made if len(made) <= most else plain(raw, most)

    return mutate


def _tree(raw: bytes) -> Any:
    try:
        return (
            yaml.load(raw, Loader=_LOADER)
            if b"[" * 64 not in raw and b"{" * 64 not in raw and b"*" not in raw
            else None
        )
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _places(node: Any) -> Iterator[Place]:
    """Where a value may be changed; each before what is in it."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        yield node, key
        yield from _places(value)


def _change(tree: Any, dice: random.Random, trees: list[Any]) -> None:
    if isinstance(tree, dict) and dice.random() < _GROWN:
        dice.choice((_add_network, _add_value))(tree, dice)
    places = list(_places(tree))
    if not places:
        return
    node, key = dice.choice(places)
    ways = (_replace, _replace, _take, _drop, _double, _rename, _stick)
    dice.choice(ways)(node, key, dice, trees)


def _named(dice: random.Random) -> dict[str, Any]:
    return {"var": copy.deepcopy(dice.choice(_NAMES))}


def _add_network(tree: dict[str, Any], dice: random.Random) -> None:
    """A card of some kind, of which a part or two is left to the nodes; or the network, or all cards of a kind."""
    kind, card = copy.deepcopy(dice.choice(_CARDS))
    for key in dice.sample(sorted(card), dice.randint(0, len(card))):
        card[key] = dice.choice((_named(dice), [_named(dice), _named(dice)], copy.deepcopy(dice.choice(_OTHERS))))
    if dice.random() < 0.5:
        card.pop(dice.choice(sorted(card)))
    cards = dice.choice((_named(dice), {"c": "c"}, *[{"c": card}] * 6))
    held = tree.get("network")
    tree["network"] = _named(dice) if dice.random() < 0.1 else {**(held if isinstance(held, dict) else {}), kind: cards}


def _add_value(tree: dict[str, Any], dice: random.Random) -> None:
    held = tree.get("vars")
    tree["vars"] = {**(held if isinstance(held, dict) else {}), "v": copy.deepcopy(dice.choice(_ENTRIES))}


def _replace(node: Any, key: Any, dice: random.Random, _trees: list[Any]) -> None:
    node[key] = dice.choice(_OTHERS)


def _take(node: Any, key: Any, dice: random.Random, trees: list[Any]) -> None:
    """From the same key of another document, where there is one; or a whole setting more."""
    other = dice.choice(trees)
    found = [(held, at) for held, at in _places(other) if at == key] or list(_places(other))
    if found:
        held, at = dice.choice(found)
        node[key] = held[at]


def _drop(node: Any, key: Any, _dice: random.Random, _trees: list[Any]) -> None:
    del node[key]


def _double(node: Any, key: Any, _dice: random.Random, _trees: list[Any]) -> None:
    if isinstance(node, list):
        node.append(node[key])


def _rename(node: Any, key: Any, dice: random.Random, trees: list[Any]) -> None:
    if isinstance(node, dict):
        names = [str(at) for _, at in _places(dice.choice(trees)) if isinstance(at, str)]
        node[dice.choice([*names, *AWKWARD])] = node.pop(key)


def _stick(node: Any, key: Any, dice: random.Random, _trees: list[Any]) -> None:
    if isinstance(node[key], str):
        at = dice.randint(0, len(node[key]))
        node[key] = node[key][:at] + dice.choice(AWKWARD) + node[key][at:]
