"""What the cells of one node must have to do with each other, and with the profile: each by itself is sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from generator import output
from generator.fleet import routes
from generator.fleet.routes import Wrong
from generator.model import Profile
from generator.sentences import nodes

Given = Mapping[str, Sequence[str]]  # the cells of a batch, by the names of the columns that the list has
_ENDINGS = {"tree": "", "iso": ".iso"}  # of forms, what follows a node's name in the name of its own file
_LONGEST_NAME = 255  # bytes, on every file system of Linux
_CARD = ("mac", "addresses", "gateways", "nameservers", "search")
# What cannot be without what, for it would be dropped without a word.
_NEEDS = (
    ("addresses", "mac", nodes.without_mac("addresses")),
    ("gateways", "addresses", nodes.GATEWAY_WITHOUT_ADDRESS),
    ("nameservers", "mac", nodes.without_mac("nameservers")),
    ("search", "mac", nodes.without_mac("search")),
)


@dataclass(slots=True)
class Agreement:
    """What is held against what. `unused` are the columns that a network of the profile's own says nothing of."""

    own_network: bool
    unused: frozenset[str]
    ending: str | None = None  # of the files that are called as the nodes are; None where there are none
    told: set[str] = field(default_factory=set)  # unused columns in which something stood

    def wrong(self, given: Given, bad: Set[int]) -> Iterator[Wrong]:
        """What is wrong with nodes of which each cell is sound: all but the bad ones."""
        found = [] if self.ending is None else list(_no_file(given["hostname"], self.ending))
        if not self.own_network:
            found += _lacking(given)
            addresses = given.get("addresses", ())
            if any(addresses):
                found += routes.wrong(addresses, given.get("gateways") or ("",) * len(addresses), bad)
        return (one for one in found if one[0] not in bad)

    def dropped(self, given: Given) -> Iterator[Wrong]:
        """The first cell of each unused column in which something stands. It is wrong with the list, not a node."""
        for name in self.unused.intersection(given) - self.told:
            if any(given[name]):
                self.told.add(name)
                yield next(number for number, text in enumerate(given[name]) if text), name, nodes.unused(name)


def of(profile: Profile, form: str) -> Agreement:
    """For the nodes of a profile that are written in a form, by its name."""
    own = profile.network is not None
    return Agreement(own, frozenset(_CARD).difference(profile.uses) if own else frozenset(), _ENDINGS.get(form))


def _no_file(hostnames: Sequence[str], ending: str) -> Iterator[Wrong]:
    """Nodes whose file cannot be made; most batches have none, and are looked at as a whole."""
    longest = _LONGEST_NAME - len(ending)
    if max(map(len, hostnames)) <= longest and output.MANIFEST not in hostnames:
        return
    for number, name in enumerate(hostnames):
        if len(name) > longest:
            yield number, "hostname", nodes.too_long_for_a_file(name + ending, _LONGEST_NAME)
        elif name + ending == output.MANIFEST:
            yield number, "hostname", nodes.taken_by_manifest(name)


def _lacking(given: Given) -> Iterator[Wrong]:
    for name, need, words in _NEEDS:
        cells = given.get(name, ())
        if any(cells):
            needed = given.get(need) or ("",) * len(cells)
            if not all(needed):
                yield from (
                    (number, name, words)
                    for number, (cell, other) in enumerate(zip(cells, needed, strict=True))
                    if cell and not other
                )
