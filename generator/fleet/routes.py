"""The addresses and gateways of one card, held against each other: as numbers, for there may be a million of them."""

from __future__ import annotations

import functools
import itertools
import socket
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from generator.sentences import Words, nodes

_ORDINARY = frozenset(range(1, 224)) - {127}  # the first bytes of addresses of IPv4 with which nothing can be wrong
_BITS = {socket.AF_INET: 32, socket.AF_INET6: 128}
_FAMILY = {32: "IPv4", 128: "IPv6"}
_LINK_LOCAL = 0xFE80 >> 6  # the first ten bits
Wrong = tuple[int, str, Words]  # the number of a node in its batch, the name of a column, what is wrong


class _Address(NamedTuple):
    """One of `bits`, and the number of those of them that tell the hosts of its network from each other."""

    text: str
    number: int
    bits: int
    hosts: int


def wrong(addresses: Sequence[str], gateways: Sequence[str], bad: Set[int]) -> Iterator[Wrong]:
    """What is wrong with nodes that have these cells; with the bad ones something was before."""
    if not bad and _plainly_right(addresses, gateways):
        return
    for number, (own, via) in enumerate(zip(addresses, gateways, strict=True)):
        if own and number not in bad:
            yield from ((number, *one) for one in _of_node(own, via))


def _plainly_right(addresses: Sequence[str], gateways: Sequence[str]) -> bool:
    """Whether each node has but one address, of IPv4, if any, and all is well: as most have, and fast to tell."""
    if not all(addresses):
        gateways = tuple(itertools.compress(gateways, addresses))
        addresses = tuple(filter(None, addresses))
    halves = [text.partition("/") for text in addresses]
    try:
        packed = b"".join([socket.inet_aton(host) for host, _, _ in halves])
    except OSError:  # IPv6
        return False
    numbers = struct.unpack(f">{len(halves)}I", packed)
    groups = defaultdict[tuple[str, str], list[int]](list)
    for (_, _, length), via, number in zip(halves, gateways, numbers, strict=True):
        groups[length, via].append(number)
    return _ORDINARY.issuperset(packed[::4]) and all(_fits(*key, group) for key, group in groups.items())


def _fits(length: str, gateway: str, numbers: Sequence[int]) -> bool:
    """Whether all is well with these addresses of IPv4, which have a length and a gateway in common."""
    if not length.isdigit() or not set(gateway) <= set("0123456789."):
        return False
    hosts = (1 << 32 - int(length)) - 1
    if hosts > 1 and not {number & hosts for number in numbers}.isdisjoint((0, hosts)):
        return False
    if not gateway:
        return True
    via = int.from_bytes(socket.inet_aton(gateway), "big")
    return via >> 24 in _ORDINARY and via not in numbers and {number | hosts for number in numbers} == {via | hosts}


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
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bits = _BITS[family]
    number = int.from_bytes(socket.inet_pton(family, host), "big")
    return _Address(text, number, bits, (1 << bits - int(length or bits)) - 1)


_gateway = functools.lru_cache(maxsize=4096)(_address)  # many nodes have the same


def _of_no_card(one: _Address) -> str:
    """What an address is that no card can have; "" for one that it can."""
    first = one.number >> one.bits - 8
    if one.number == 0:
        return "the address of no host"
    if first == 127 if one.bits == 32 else one.number == 1:
        return "a loopback address"
    if 224 <= first < 240 if one.bits == 32 else first == 255:
        return "an address of a group (multicast)"
    return "a reserved address" if one.bits == 32 and first >= 240 else ""


def _wrong_address(one: _Address) -> Words | None:
    if kind := _of_no_card(one):
        return nodes.of_no_card(one.text, kind)
    if one.bits == 32 and one.hosts > 1 and one.number & one.hosts in (0, one.hosts):
        return nodes.of_no_host(one.text, "the network itself" if one.number & one.hosts == 0 else "all its hosts")
    return None


def _wrong_gateway(way: _Address, own: Sequence[_Address], before: Sequence[_Address]) -> Words | None:
    family = [one for one in own if one.bits == way.bits]
    if kind := _of_no_card(way):
        return nodes.of_no_card(way.text, kind)
    if any(other.bits == way.bits for other in before):
        return nodes.two_gateways(_FAMILY[way.bits])
    if not family:
        return nodes.gateway_of_no_address(way.text, _FAMILY[way.bits])
    if any(one.number == way.number for one in family):
        return nodes.gateway_is_itself(way.text)
    link_local = way.bits == 128 and way.number >> 118 == _LINK_LOCAL
    on_link = any(one.number | one.hosts == way.number | one.hosts for one in family)
    return None if link_local or on_link else nodes.gateway_off_link(way.text)
