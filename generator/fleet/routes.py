"""The addresses and gateways of one card, held against each other: as numbers, for there may be a million of them."""

from __future__ import annotations

import functools
import itertools
import socket
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from generator.sentences import Words, nodes

_LINK_LOCAL = 0xFE80 >> 6  # the first ten bits


class _Family(NamedTuple):
    """One of addresses. With those that begin with an `ordinary` byte nothing is wrong by themselves."""

    name: str
    number: socket.AddressFamily
    bits: int
    ordinary: frozenset[int]


_V4 = _Family("IPv4", socket.AF_INET, 32, frozenset(range(1, 224)) - {127})
_V6 = _Family("IPv6", socket.AF_INET6, 128, frozenset(range(1, 255)))
Wrong = tuple[int, str, Words]  # the number of a node in its batch, the name of a column, what is wrong


class _Address(NamedTuple):
    """A number, and the one of those of its bits that tell the hosts of its network from each other."""

    text: str
    family: _Family
    number: int
    hosts: int


def wrong(addresses: Sequence[str], gateways: Sequence[str], bad: Set[int]) -> Iterator[Wrong]:
    """What is wrong with nodes that have these cells; with the bad ones something was before."""
    if not bad and _plainly_right(addresses, gateways):
        return
    for number, (own, via) in enumerate(zip(addresses, gateways, strict=True)):
        if own and number not in bad:
            yield from ((number, *one) for one in _of_node(own, via))


def _plainly_right(addresses: Sequence[str], gateways: Sequence[str]) -> bool:
    """Whether each node has one address, or one of IPv4 and then one of IPv6, as most have, and all is well."""
    if not all(addresses):
        gateways = tuple(itertools.compress(gateways, addresses))
        addresses = tuple(filter(None, addresses))
    if " " in addresses[0]:
        own4, _, own6 = zip(*[text.partition(" ") for text in addresses], strict=True)
        return _all_well(own4, gateways, _V4) and _all_well(own6, gateways, _V6)
    family, other = (_V6, _V4) if ":" in addresses[0] else (_V4, _V6)
    return not any(_of_family(text, other) for text in set(gateways)) and _all_well(addresses, gateways, family)


def _of_family(gateways: str, family: _Family) -> str:
    return " ".join(text for text in gateways.split(" ") if text and (":" in text) == (family is _V6))


def _all_well(addresses: Sequence[str], gateways: Sequence[str], family: _Family) -> bool:
    """False where a cell is no single address of the family, too."""
    halves = [text.partition("/") for text in addresses]
    try:
        packed = [socket.inet_pton(family.number, host) for host, _, _ in halves]
    except OSError:
        return False
    if not family.ordinary.issuperset(b"".join(packed)[:: family.bits // 8]):
        return False
    groups = defaultdict[tuple[str, str], list[bytes]](list)
    for one, (_, _, length), via in zip(packed, halves, gateways, strict=True):
        groups[length, via].append(one)
    return all(_fit(family, length, _of_family(via, family), group) for (length, via), group in groups.items())


def _fit(family: _Family, length: str, gateway: str, addresses: Sequence[bytes]) -> bool:
    """Whether all is well with these, which have a length and the gateways of their family in common."""
    if not length.isdigit() or " " in gateway:
        return False
    hosts = (1 << family.bits - int(length)) - 1
    numbers = [int.from_bytes(one, "big") for one in addresses]
    if family is _V4 and hosts > 1 and not {number & hosts for number in numbers}.isdisjoint((0, hosts)):
        return False
    if not gateway:
        return True
    way = _gateway(gateway)
    if way.number in numbers or way.number >> family.bits - 8 not in family.ordinary:
        return False
    return _link_local(way) or {number | hosts for number in numbers} == {way.number | hosts}


def _link_local(way: _Address) -> bool:
    return way.family is _V6 and way.number >> 118 == _LINK_LOCAL


def _of_node(addresses: str, gateways: str) -> Iterator[tuple[str, Words]]:
    own = [_address(text) for text in addresses.split(" ")]
    for one in own:
        if (words := _wrong_address(one)) is not None:
            yield "addresses", words
    ways = [_gateway(text) for text in gateways.split(" ") if text]
    for at, way in enumerate(ways):
        if (words := _wrong_gateway(way, own, ways[:at])) is not None:
            yield "gateways", words


def _address(text: str) -> _Address:
    host, _, length = text.partition("/")
    family = _V6 if ":" in host else _V4
    number = int.from_bytes(socket.inet_pton(family.number, host), "big")
    return _Address(text, family, number, (1 << family.bits - int(length or family.bits)) - 1)


_gateway = functools.lru_cache(maxsize=4096)(_address)  # many nodes have the same


def _of_no_card(one: _Address) -> str:
    """What an address is that no card can have; "" for one that it can."""
    first = one.number >> one.family.bits - 8
    if first in one.family.ordinary:
        return ""
    if one.number == 0:
        return "the address of no host"
    if first == 127 if one.family is _V4 else one.number == 1:
        return "a loopback address"
    if 224 <= first < 240 if one.family is _V4 else first == 255:
        return "an address of a group (multicast)"
    return "a reserved address" if first >= 240 else ""


def _wrong_address(one: _Address) -> Words | None:
    if kind := _of_no_card(one):
        return nodes.of_no_card(one.text, kind)
    if one.family is _V4 and one.hosts > 1 and one.number & one.hosts in (0, one.hosts):
        return nodes.of_no_host(one.text, "the network itself" if one.number & one.hosts == 0 else "all its hosts")
    return None


def _wrong_gateway(way: _Address, own: Sequence[_Address], before: Sequence[_Address]) -> Words | None:
    among = [one for one in own if one.family is way.family]
    if kind := _of_no_card(way):
        return nodes.of_no_card(way.text, kind)
    if any(other.family is way.family for other in before):
        return nodes.two_gateways(way.family.name)
    if not among:
        return nodes.gateway_of_no_address(way.text, way.family.name)
    if any(one.number == way.number for one in among):
        return nodes.gateway_is_itself(way.text)
    on_link = any(one.number | one.hosts == way.number | one.hosts for one in among)
    return None if on_link or _link_local(way) else nodes.gateway_off_link(way.text)
