"""A profile's `network`, held against cloud-init's own schema of network-config, version 2."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator

from generator import data
from generator.positions import Document, Path
from generator.sentences import nodes

VERSION = 2


def document(network: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole network-config. Without one: DHCP on every wired card.

    There each id is also the match: netplan takes the match, cloud-init's networkd renderer takes the id as its Name.
    """
    wired = {name: {"match": {"name": name}, "dhcp4": True} for name in ("en*", "eth*")}
    return {"version": VERSION, **(network if network is not None else {"ethernets": wired})}


def check(read: Document, network: Mapping[str, Any]) -> None:
    """Find what cloud-init refuses of `network`, in which every value is one, at least as a sample."""
    told = set(_refuse_unseen(read, network, ("network",)))
    for error in sorted(
        _validator().iter_errors(document(network)), key=lambda error: list(map(str, error.absolute_path))
    ):
        path = _place(read, ("network", *error.absolute_path))
        if path not in told:
            told.add(path)
            place = read.marks.get(path) or read.keys.get(path) or (1, 1)
            read.find(place, path, *nodes.refused_by_cloud_init(error.message))


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
def _validator() -> Draft7Validator:
    schema = json.loads((data.SCHEMAS / "cloud-init" / "schema-network-config-v2.json").read_text(encoding="utf-8"))
    del schema["oneOf"]  # with `network:` around it, or without, as ours is: the one that fits tells what is wrong
    return Draft7Validator({**schema, "$ref": "#/$defs/network_config_version2"})
