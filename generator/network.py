"""A profile's `network`, held against cloud-init's own schema of network-config, version 2."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator

from generator import data, variables
from generator.positions import Document, Path
from generator.sentences import Words, nodes

VERSION = 2
_KINDS = ("ethernets", "wifis", "bonds", "bridges", "vlans", "tunnels", "modems", "vrfs")


def document(network: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole network-config. Without one: DHCP on every wired card.

    There each id is also the match: netplan takes the match, cloud-init's networkd renderer takes the id as its Name.
    """
    wired = {name: {"match": {"name": name}, "dhcp4": True} for name in ("en*", "eth*")}
    return {"version": VERSION, **(network if network is not None else {"ethernets": wired})}


def check(read: Document, network: Mapping[str, Any], secrets: Collection[str] = ()) -> None:
    """Find what cloud-init or the kernel refuses of `network`, in which every value is one, at least as a sample.

    No sentence has a value of `secrets` in it.
    """
    told = set(_refuse_unseen(read, network, ("network",)))
    for path, words in (*_problems(network), *_dangling(network, read.value["network"])):
        place_of = _place(read, ("network", *path))
        if place_of not in told:
            told.add(place_of)
            place = read.marks.get(place_of) or read.keys.get(place_of) or (1, 1)
            hidden = any(secret in words[0] for secret in secrets if secret)
            read.find(place, place_of, *(nodes.REFUSED_SECRET if hidden else words))


def why_not(network: Mapping[str, Any]) -> str:
    """Why cloud-init or the kernel refuses it; "" where they do not."""
    return next((words[0] for _, words in _problems(network)), "")


def _problems(network: Mapping[str, Any]) -> Iterator[tuple[Path, Words]]:
    for schema, words in (("cloud-init", nodes.refused_by_cloud_init), ("kernel", nodes.refused_by_the_kernel)):
        errors = _validators()[schema].iter_errors(document(network))
        for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path))):
            yield tuple(error.absolute_path), words(error.message)


def _dangling(network: Mapping[str, Any], written: Mapping[str, Any]) -> Iterator[tuple[Path, Words]]:
    """Names of interfaces that nothing here has. What is left to the nodes (`written` has {var: NAME}) may be any."""
    known = {name for kind in _KINDS for name in _mapping(network.get(kind))}
    left = {path for path, _ in variables.named(written, ())}
    for path, name in _interfaces(network):
        is_left = any((*path[:length], "var") in left for length in range(len(path) + 1))
        if isinstance(name, str) and name not in known and not is_left:
            yield path, nodes.no_such_interface(name, sorted(known))


def _interfaces(network: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Where an interface names another one."""
    for kind in ("bonds", "bridges"):
        for name, card in _mapping(network.get(kind)).items():
            members = _mapping(card).get("interfaces")
            for index, member in enumerate(members if isinstance(members, list) else ()):
                yield (kind, name, "interfaces", index), member
    for name, card in _mapping(network.get("vlans")).items():
        yield ("vlans", name, "link"), _mapping(card).get("link")


def _mapping(found: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return found if isinstance(found, dict) else {}


def _refuse_unseen(read: Document, node: Any, path: Path) -> Iterator[Path]:  # noqa: ANN401
    """cloud-init's schema takes any text for most values; renderers paste them into lines of their own."""
    if isinstance(node, str) and not node.isprintable():
        read.find(read.marks.get(path) or read.marks[path[:1]], path, *nodes.NOT_ONE_LINE)
        yield path
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if isinstance(key, str) and not key.isprintable():
            read.find(read.keys.get((*path, key)) or read.marks[path[:1]], (*path, key), *nodes.NOT_ONE_LINE)
        yield from _refuse_unseen(read, value, (*path, key))


def _place(read: Document, path: Path) -> Path:
    """The path itself, or the nearest above it that was written."""
    return next(path[:length] for length in range(len(path), 0, -1) if path[:length] in read.marks)


@functools.cache
def _validators() -> Mapping[str, Draft7Validator]:
    schema = json.loads((data.SCHEMAS / "cloud-init" / "schema-network-config-v2.json").read_text(encoding="utf-8"))
    del schema["oneOf"]  # with `network:` around it, or without, as ours is: the one that fits tells what is wrong
    ranges = json.loads((data.SCHEMAS / "network-ranges.json").read_text(encoding="utf-8"))
    ours = {**schema, "$ref": "#/$defs/network_config_version2"}
    return {"cloud-init": Draft7Validator(ours), "kernel": Draft7Validator(ranges)}
