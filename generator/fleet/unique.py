"""Values that no two nodes may share, found among a million in little memory: 8 bytes a value, and a second look."""

from __future__ import annotations

from array import array

_AT_ONCE = 1 << 18  # numbers in one set: some twenty MiB


class Seen:
    """The hashes of all values of one column. Two values may share a hash, so what is found is only suspected.

    (Python's hash of a text is SipHash with a key of its own: nobody can write a list of which all are suspected.)
    """

    def __init__(self) -> None:
        self.hashes = array("q")

    def suspected(self) -> frozenset[int]:
        """The hashes that are there more than once."""
        parts = -(-len(self.hashes) // _AT_ONCE)
        if parts <= 1:
            return _twice(self.hashes)
        found = (_twice(array("q", (one for one in self.hashes if one % parts == part))) for part in range(parts))
        return frozenset().union(*found)


def _twice(hashes: array[int]) -> frozenset[int]:
    once = set(hashes)
    if len(once) == len(hashes):
        return frozenset()
    twice = set()
    for number in hashes:
        if number in once:
            once.discard(number)
        else:
            twice.add(number)
    return frozenset(twice)
