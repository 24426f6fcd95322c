"""A swap area as bytes, as mkswap(8) would write it (struct swap_header, include/linux/swap.h)."""

from __future__ import annotations

import struct
import uuid

_PAGE = 4096


def header(size: int, ident: uuid.UUID) -> bytes:
    """The first page of a swap area of `size` bytes."""
    info = struct.pack("<III16s16s", 1, size // _PAGE - 1, 0, ident.bytes, b"swap")
    return (b"\0" * 1024 + info).ljust(_PAGE - 10, b"\0") + b"SWAPSPACE2"


def file(size: int, ident: uuid.UUID) -> bytes:
    """A swap file's content. No block of it is zero: mke2fs would leave a hole there, and swapon refuses holes."""
    return header(size, ident) + b"\xaa" * (size - _PAGE)
