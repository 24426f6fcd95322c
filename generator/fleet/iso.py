"""Seed images by the thousand: pycdlib makes one of each shape, and each node's bytes are put in its places.

Of two seeds whose files take as many sectors each, only the files differ, and their lengths in the directories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator import seed

SECTOR = 2048
SYSTEM_AREA = 16 * SECTOR  # ISO 9660 leaves it to the system, and here it is zeros
_LENGTH = 8  # bytes of an extent's address in a directory record, after which its length stands, in both byte orders


@dataclass(frozen=True, slots=True)
class _Shape:
    """What all images have in common, and between each two pieces what differs: of each file its bytes or its length.

    `sizes` says how many bytes a file has room for.
    """

    pieces: Sequence[bytes]
    between: Sequence[tuple[str, bool]]  # a file's name, and whether its length is meant
    sizes: Mapping[str, int]


class Seeds:
    """Makes seed images as `seed.write` does, byte for byte, faster by far for many of few shapes."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[int, ...], _Shape] = {}

    def image(self, files: Mapping[str, bytes]) -> bytes:
        """The seed of these files."""
        sectors = tuple(-(-len(content) // SECTOR) for content in files.values())
        shape = self._shapes.get(sectors)
        if shape is None:
            shape = self._shapes[sectors] = _shape(files)
        values = {(name, False): content.ljust(shape.sizes[name], b"\0") for name, content in files.items()}
        values |= {(name, True): _both_orders(len(content)) for name, content in files.items()}
        parts = [b""] * (2 * len(shape.between) + 1)
        parts[0::2] = shape.pieces
        parts[1::2] = [values[key] for key in shape.between]
        return b"".join(parts)


def _both_orders(number: int) -> bytes:
    return number.to_bytes(4, "little") + number.to_bytes(4, "big")


def _shape(files: Mapping[str, bytes]) -> _Shape:
    """Of marked files of the same lengths, so that each is found in the image."""
    marked = {name: name.encode().ljust(len(content), b"\xff")[: len(content)] for name, content in files.items()}
    image = seed.write(marked)
    sizes = {name: -(-len(content) // SECTOR) * SECTOR for name, content in files.items()}
    places: list[tuple[int, int, tuple[str, bool]]] = []
    for name, content in marked.items():
        begin = image.index(content.ljust(sizes[name], b"\0"), SYSTEM_AREA)
        places.append((begin, sizes[name], (name, False)))
        places += ((at, _LENGTH, (name, True)) for at in _lengths(image, begin // SECTOR, len(content)))
    places.sort()
    ends = [0, *(at + length for at, length, _ in places)]
    begins = [*(at for at, _, _ in places), len(image)]
    pieces = [image[end:begin] for end, begin in zip(ends, begins, strict=True)]
    return _Shape(pieces, [key for *_, key in places], sizes)


def _lengths(image: bytes, extent: int, length: int) -> list[int]:
    """Where directory records say how long the file at an extent is: one of ISO 9660, one of Joliet."""
    record = _both_orders(extent) + _both_orders(length)
    found, at = [], image.find(record)
    while at >= 0:
        found.append(at + _LENGTH)
        at = image.find(record, at + 1)
    if len(found) != 2:
        raise ValueError(f"{len(found)} directory records, not 2")
    return found
