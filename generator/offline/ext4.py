"""An ext4 file system, read as bytes: no mount, no root, and nothing that a name or a link could lead astray.

debugfs takes a process for each question, which is most of the time of reading an image. After the kernel's
Documentation/filesystems/ext4. What mke2fs and the kernel write today is read, anything else is refused.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SUPERBLOCK = 1024
_MAGIC = 0xEF53
_ROOT = 2
# Incompatible features that are understood: filetype, extents, 64bit, flex_bg, csum_seed, largedir. Refused are, among
# others: inline_data, encrypt, ea_inode, meta_bg.
_KNOWN = 0x2 | 0x40 | 0x80 | 0x200 | 0x2000 | 0x4000
_RECOVER = 0x4  # the journal has blocks that are not in place yet
_EXTENTS, _INLINE = 0x80000, 0x10000000
_EXTENT_MAGIC = 0xF30A
_UNWRITTEN = 32768  # a longer extent is one that was allocated and never written: it reads as zeros
_DEEPEST = 5
_IN_INODE = 60  # bytes of the block map, in which a short target of a link stands
_LARGEST_BLOCK = 6  # 64 KiB, as a power of two of 1 KiB
_CHUNK = 1 << 20
_LARGEST = 64 << 30  # bytes of a file, which may have holes; of a folder or a link, in memory:
_LARGEST_WHOLE = 256 << 20


class Broken(ValueError):
    """This is no ext4, or one with something that is not understood; its text says what."""


class Unclean(Broken):
    """It was not unmounted: the next mount writes old blocks over what is changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Inode:
    """`mode` has the type in it, as st_mode has. `raw` is the whole inode."""

    number: int
    mode: int
    uid: int
    gid: int
    size: int
    raw: bytes

    @property
    def flags(self) -> int:
        return int(struct.unpack_from("<I", self.raw, 32)[0])

    @property
    def modified(self) -> int:
        """When its content was written last, in seconds since 1970, to 2038."""
        return int(struct.unpack_from("<I", self.raw, 16)[0])

    @property
    def map(self) -> bytes:
        return self.raw[40 : 40 + _IN_INODE]

    @property
    def attributes_block(self) -> int:
        low, high = struct.unpack_from("<I", self.raw, 104)[0], struct.unpack_from("<H", self.raw, 118)[0]
        return int(low | high << 32)


class Ext4:
    """The file system that begins at `offset` of an open file. Raises Broken where it cannot be read."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor, self._offset, self._end = descriptor, offset, os.fstat(descriptor).st_size
        head = self._at(_SUPERBLOCK, 1024)
        if struct.unpack_from("<H", head, 56)[0] != _MAGIC:
            raise Broken("it is no ext4")
        if struct.unpack_from("<I", head, 96)[0] & _RECOVER:
            raise Unclean("its file system was not unmounted")
        if unknown := struct.unpack_from("<I", head, 96)[0] & ~_KNOWN:
            raise Broken(f"it has features that are not read here ({unknown:#x})")
        self.block = _block(head)
        self.uuid = head[104:120].hex()
        self._first = struct.unpack_from("<I", head, 20)[0]
        self._per_group, self._inode_size = struct.unpack_from("<I", head, 40)[0], struct.unpack_from("<H", head, 88)[0]
        wide = struct.unpack_from("<I", head, 96)[0] & 0x80
        self._descriptor_size = struct.unpack_from("<H", head, 254)[0] if wide else 32

    def inode(self, number: int) -> Inode:
        group, index = divmod(number - 1, self._per_group)
        at = (self._first + 1) * self.block + group * self._descriptor_size
        row = self._at(at, self._descriptor_size)
        table = struct.unpack_from("<I", row, 8)[0]
        if self._descriptor_size > 32:
            table |= struct.unpack_from("<I", row, 40)[0] << 32
        raw = self._at(table * self.block + index * self._inode_size, self._inode_size)
        mode, uid, size = struct.unpack_from("<HHI", raw, 0)
        gid, size_high = struct.unpack_from("<H", raw, 24)[0], struct.unpack_from("<I", raw, 108)[0]
        uid_high, gid_high = struct.unpack_from("<HH", raw, 120)
        return Inode(number, mode, uid | uid_high << 16, gid | gid_high << 16, size | size_high << 32, raw)

    def root(self) -> Inode:
        return self.inode(_ROOT)

    def find(self, path: str) -> Inode | None:
        """What is at a path from the root, in which no link is followed; None where nothing is."""
        found: Inode | None = self.root()
        for part in filter(None, path.split("/")):
            if found is None or not stat.S_ISDIR(found.mode):
                return None
            number = next((number for name, number in self.names(found) if name == os.fsencode(part)), None)
            found = None if number is None else self.inode(number)
        return found

    def content(self, inode: Inode) -> Iterator[bytes]:
        """The bytes of a file, or of a folder, in pieces; holes are zeros."""
        if inode.size > _LARGEST:
            raise Broken(f"the inode {inode.number} has {inode.size} bytes")
        done = 0
        for first, length, start in self._extents(inode):
            begin = first * self.block
            yield from _zeros(min(begin, inode.size) - done)
            end = min((first + length) * self.block, inode.size)
            yield from self._run(start * self.block, end - begin) if start else _zeros(end - begin)
            done = max(done, end)
        yield from _zeros(inode.size - done)

    def target(self, inode: Inode) -> bytes:
        """Where a symbolic link leads."""
        if inode.size < _IN_INODE and not inode.flags & _EXTENTS:
            return inode.map[: inode.size]
        return self.whole(inode)

    def names(self, inode: Inode) -> Iterator[tuple[bytes, int]]:
        """The names in a folder, without . and .., and the inode of each.

        A hashed folder's own blocks look empty to those who do not know of them: that is how they were made to look.
        """
        content = self.whole(inode)
        at = 0
        while at + 8 <= len(content):
            number, length, size = struct.unpack_from("<IHB", content, at)
            if length < 8:
                raise Broken(f"the folder with inode {inode.number} is damaged")
            name = content[at + 8 : at + 8 + size]
            if number and name not in (b".", b".."):
                yield name, number
            at += length

    def blocks(self, number: int) -> bytes:
        """One block."""
        return self._at(number * self.block, self.block)

    def whole(self, inode: Inode) -> bytes:
        """The bytes of a file, a folder or a long link, which are not many."""
        if inode.size > _LARGEST_WHOLE:
            raise Broken(f"the inode {inode.number} has {inode.size} bytes")
        return b"".join(self.content(inode))

    def _extents(self, inode: Inode) -> Iterator[tuple[int, int, int]]:
        """First block in the file, how many, and the first on the disk: 0 where nothing was written."""
        if inode.flags & _INLINE or (inode.size and not inode.flags & _EXTENTS):
            raise Broken(f"the inode {inode.number} has no extents")
        return self._leaves(inode.map, _DEEPEST) if inode.flags & _EXTENTS else iter(())

    def _leaves(self, node: bytes, depth_left: int) -> Iterator[tuple[int, int, int]]:
        magic, entries, _, depth = struct.unpack_from("<HHHH", node)
        if magic != _EXTENT_MAGIC or depth_left < 0:
            raise Broken("a tree of extents is damaged")
        for at in range(12, 12 + 12 * entries, 12):
            if depth:
                _, low, high = struct.unpack_from("<IIH", node, at)
                yield from self._leaves(self.blocks(low | high << 32), depth_left - 1)
            else:
                first, length, high, low = struct.unpack_from("<IHHI", node, at)
                written = length <= _UNWRITTEN
                yield first, length if written else length - _UNWRITTEN, (low | high << 32) if written else 0

    def _run(self, at: int, length: int) -> Iterator[bytes]:
        for begin in range(0, length, _CHUNK):
            yield self._at(at + begin, min(_CHUNK, length - begin))

    def _at(self, at: int, length: int) -> bytes:
        if self._offset + at + length > self._end:  # whatever a damaged one names
            raise Broken("it ends before its data")
        return os.pread(self._descriptor, length, self._offset + at)


def _block(head: bytes) -> int:
    """The size of a block, from a superblock in which other sizes make sense, too."""
    power, per_group = struct.unpack_from("<I", head, 24)[0], struct.unpack_from("<I", head, 40)[0]
    if power > _LARGEST_BLOCK or not per_group:
        raise Broken("its superblock is damaged")
    return int(1024 << power)


def _zeros(length: int) -> Iterator[bytes]:
    for begin in range(0, length, _CHUNK):
        yield bytes(min(_CHUNK, length - begin))
