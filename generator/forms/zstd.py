"""How large a file of zstd is unpacked, read off its frame without unpacking it (RFC 8878, section 3.1.1).

What is unpacked goes to a disk: so it is known before how much it will be, and that nothing follows.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from generator.forms import sentences

MAGIC = b"\x28\xb5\x2f\xfd"
_SIZES = (0, 2, 4, 8)  # bytes of Frame_Content_Size by its flag; of flag 0 it is 1 where there is no window
_DICTIONARIES = (0, 1, 2, 4)
_LAST, _RLE = 1, 1


def unpacked(path: Path) -> int:
    """The bytes that one frame, which is all of the file, has unpacked. Raises a refusal for anything else."""
    with path.open("rb") as file:
        try:
            size, checked = _header(file)
            _blocks(file)
        except IndexError:
            raise sentences.refused(str(path), sentences.NO_FRAME) from None
        left = os.fstat(file.fileno()).st_size - file.tell() - (4 if checked else 0)
    if left < 0:
        raise sentences.refused(str(path), sentences.NO_FRAME)
    if left:
        raise sentences.refused(str(path), sentences.TWO_FRAMES)
    if size is None:
        raise sentences.refused(str(path), sentences.NO_SIZE)
    return size


def _header(file: BinaryIO) -> tuple[int | None, bool]:
    """The size, if the frame says it, and whether a checksum follows the blocks."""
    if file.read(4) != MAGIC:
        raise IndexError
    descriptor = file.read(1)[0]
    single = bool(descriptor & 0x20)
    if not single:
        _bytes(file, 1)
    _bytes(file, _DICTIONARIES[descriptor & 3])
    flag = descriptor >> 6
    width = 1 if single and flag == 0 else _SIZES[flag]
    size = int.from_bytes(_bytes(file, width), "little") + (256 if width == 2 else 0)
    return size if width else None, bool(descriptor & 4)


def _blocks(file: BinaryIO) -> None:
    """Pass over all blocks. One past the end is found by the header that is not there, or by what is left."""
    last = False
    while not last:
        header = int.from_bytes(_bytes(file, 3), "little")
        last = bool(header & _LAST)
        file.seek(1 if header >> 1 & 3 == _RLE else header >> 3, os.SEEK_CUR)


def _bytes(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise IndexError
    return found
