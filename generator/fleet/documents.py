"""A profile and what its list of nodes has -> the three documents of every node, as templates."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Set
from typing import Any

from generator import network
from generator import plan as planning
from generator import profile as profiles
from generator.fleet import slots, template
from generator.fleet.columns import Column
from generator.fleet.survey import Survey
from generator.formats import cloud_init
from generator.model import Plan

# kubeadm's unit of kubelet reads it; Debian's and the community's packages own no such file.
LABELS = "/etc/default/kubelet"
NAMES = ("user-data", "meta-data", "network-config")
Templates = Mapping[str, template.Template]  # by NAMES


def read(raw: bytes, source: str) -> profiles.Reading:
    """The profile of these bytes, with a mark for every value that differs from node to node."""
    return profiles.of_bytes(raw, source, _Marks())


class _Marks(dict[str, str]):
    """A mark for every name, whatever the profile declares."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __missing__(self, name: str) -> str:
        return slots.mark(name)


# Where these are empty a node's documents have fewer lines; other columns are values in them. But labels: where one
# node of the list has some, every node has their file.
_SHAPING = frozenset(("ssh_authorized_keys", "mac", "addresses", "gateways", "nameservers", "search"))
_FOR_ALL = frozenset(("labels",))


def templates(reading: profiles.Reading, columns: Mapping[str, Column], found: Survey) -> Templates:
    """The documents of the nodes of a list that was looked through."""
    plan, made, known = _documents(reading, columns, found)

    @functools.cache
    def pieces(filled: frozenset[str]) -> tuple[str, ...]:
        alike = Survey(names=found.names, filled=set(filled), everywhere=set(filled & {"mac"}))
        _, common, _ = _documents(reading, columns, alike)
        return tuple(piece for one in common.values() for piece in one.pieces)

    known[slots.mark(slots.IDENTITY)] = slots.identity(
        columns, found.names, found.filled, lambda filled: pieces(filled & _SHAPING | found.filled & _FOR_ALL)
    )
    meta_data = {"instance-id": slots.mark(slots.IDENTITY), "local-hostname": slots.mark("hostname")}
    made["meta-data"] = template.compiled(cloud_init.document(plan, meta_data).decode(), known)
    return {name: made[name] for name in NAMES}


def _documents(
    reading: profiles.Reading, columns: Mapping[str, Column], found: Survey
) -> tuple[Plan, dict[str, template.Template], dict[str, template.Slot]]:
    """user-data and network-config, with the plan that they are of, and the slots that are known then."""
    profile = reading.profile
    if "labels" in found.filled and "labels" not in profile.uses:
        profile = dataclasses.replace(profile, settings=_with_labels(profile.settings))
    plan = planning.of(dataclasses.replace(reading, profile=profile))
    known = slots.slots(columns, found.names, profile)
    texts = filter(_marked(known), (file.content.decode(errors="replace") for _, file in plan.files))
    known |= dict([slots.digest(text, known) for text in texts])
    config = {"hostname": slots.mark("hostname")}
    if "ssh_authorized_keys" in found.filled:
        config["ssh_authorized_keys"] = slots.mark("ssh_authorized_keys")
    made = {
        "user-data": template.compiled(cloud_init.user_data(plan, config, _marked(known)).decode(), known),
        "network-config": _network(plan, known, found),
    }
    return plan, made, known


def hostname(reading: profiles.Reading, columns: Mapping[str, Column], found: Survey) -> template.Form:
    """Each node's name."""
    return slots.slots(columns, found.names, reading.profile)[slots.mark("hostname")].text


def _marked(known: Mapping[str, template.Slot]) -> Callable[[str], bool]:
    marks = tuple(known)
    return lambda text: any(mark in text for mark in marks)


def _with_labels(settings: Mapping[str, Any]) -> dict[str, Any]:
    content = f"KUBELET_EXTRA_ARGS=--node-labels={slots.mark('labels')}\n"
    return {**settings, "files": [*settings.get("files", ()), {"path": LABELS, "content": content}]}


def _network(plan: Plan, known: Mapping[str, template.Slot], found: Survey) -> template.Template:
    """The profile's own, or what the list says of one card; DHCP where it says nothing."""

    def compiled(content: Mapping[str, Any] | None) -> template.Template:
        return template.compiled(cloud_init.document(plan, network.document(content)).decode(), known)

    own = plan.profile.network
    if own is not None or "mac" not in found.filled:
        return compiled(own)
    by_list, by_dhcp = compiled({"ethernets": {"lan0": _card(found.filled)}}), compiled(None)
    if "mac" in found.everywhere:
        return by_list
    mac = known[slots.mark("mac")].text
    return template.of(
        lambda block: [
            listed if given else other
            for given, listed, other in zip(mac(block), by_list.fill(block), by_dhcp.fill(block), strict=True)
        ]
    )


def _card(filled: Set[str]) -> dict[str, Any]:
    columns = {"addresses": ("addresses",), slots.ROUTES: ("gateways",), slots.SERVERS: ("nameservers", "search")}
    said = {"addresses": "addresses", slots.ROUTES: "routes", slots.SERVERS: "nameservers"}
    return {
        "match": {"macaddress": slots.mark("mac")},
        "set-name": "lan0",
        "dhcp4": slots.mark(slots.DHCP),
        **{said[name]: slots.mark(name) for name, needs in columns.items() if any(need in filled for need in needs)},
    }
