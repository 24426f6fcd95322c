"""Extended attributes of an inode of ext4: some stand in it, the others in a block of their own."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from generator.offline.ext4 import Broken, Ext4, Inode

_MAGIC = 0xEA020000
_GOOD_OLD = 128  # bytes of an inode before i_extra_isize
_HEADER = 32  # bytes at the start of an attribute block
_PREFIXES = {
    0: "",
    1: "user.",
    2: "system.posix_acl_access",
    3: "system.posix_acl_default",
    4: "trusted.",
    6: "security.",
    7: "system.",
    8: "system.richacl",
}


def of(volume: Ext4, inode: Inode) -> dict[str, bytes]:
    """Names and values, as they are on the disk. Raises Broken."""
    found = dict(_inside(inode.raw))
    if inode.attributes_block:
        block = volume.blocks(inode.attributes_block)
        if struct.unpack_from("<I", block)[0] != _MAGIC:
            raise Broken(f"the attributes of inode {inode.number} are damaged")
        found |= dict(_entries(block, _HEADER, 0))
    return dict(sorted(found.items()))


def _inside(raw: bytes) -> Iterator[tuple[str, bytes]]:
    if len(raw) <= _GOOD_OLD:
        return iter(())
    begin = _GOOD_OLD + struct.unpack_from("<H", raw, _GOOD_OLD)[0]
    if begin + 8 > len(raw) or struct.unpack_from("<I", raw, begin)[0] != _MAGIC:
        return iter(())
    return _entries(raw, begin + 4, begin + 4)


def _entries(area: bytes, at: int, values: int) -> Iterator[tuple[str, bytes]]:
    """From `at` to four bytes of zeros; values lie at offsets from `values`."""
    while at + 16 <= len(area) and area[at : at + 4] != b"\0\0\0\0":
        length, index, offset, elsewhere, size = struct.unpack_from("<BBHII", area, at)
        if elsewhere:
            raise Broken("an attribute has an inode of its own")
        name = area[at + 16 : at + 16 + length].decode("utf-8", "surrogateescape")
        yield _PREFIXES.get(index, f"{index}:") + name, area[values + offset : values + offset + size]
        at += 16 + (length + 3 & ~3)
