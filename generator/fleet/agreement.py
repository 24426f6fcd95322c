"""What the cells of one node must have to do with each other, and with the profile: each by itself is sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from generator.model import Profile
from generator.sentences import Words, nodes

Wrong = tuple[int, str, Words]  # the number of a node in its batch, the name of a column, what is wrong
Given = Mapping[str, Sequence[str]]  # the cells of a batch, by the names of the columns that the list has
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
    told: set[str] = field(default_factory=set)  # unused columns in which something stood

    def wrong(self, given: Given, bad: Set[int]) -> Iterator[Wrong]:
        """What is wrong with nodes of which each cell is sound: all but the bad ones."""
        if not self.own_network:
            yield from (one for one in _lacking(given) if one[0] not in bad)

    def dropped(self, given: Given) -> Iterator[Wrong]:
        """The first cell of each unused column in which something stands. It is wrong with the list, not a node."""
        for name in self.unused.intersection(given) - self.told:
            if any(given[name]):
                self.told.add(name)
                yield next(number for number, text in enumerate(given[name]) if text), name, nodes.unused(name)


def of(profile: Profile) -> Agreement:
    """For the nodes of a profile."""
    own = profile.network is not None
    return Agreement(own, frozenset(_CARD).difference(profile.uses) if own else frozenset())


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
