"""What takes the space in a cloud-config: every file, every other key, and what stands above them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from generator import data
from generator.targets.forms import compressed

_FILES = "write_files"
_HEAD = "header"


@dataclass(frozen=True, slots=True)
class Share:
    """How many bytes of the document a piece of it takes, and how many it would take alone in gzip."""

    name: str
    size: int
    gzipped: int


def shares(user_data: bytes) -> tuple[Share, ...]:
    """The pieces of a cloud-config, the largest first. Their sizes add up to the whole; compressed they share much.

    Raises ValueError for what is no mapping: we have made it, so that is our bug.
    """
    text = user_data.decode()
    root = yaml.compose(text, Loader=data.Loader)
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("user-data is no mapping")
    starts = [(0, _HEAD), *_pieces(root)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    cut = [(name, text[start:end].encode()) for (start, name), end in zip(starts, ends, strict=True)]
    made = [Share(name, len(piece), len(compressed(piece))) for name, piece in cut]
    return tuple(sorted(made, key=lambda share: (-share.size, share.name)))


def _pieces(root: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    """Where each piece begins. What stands between two belongs to the first of them."""
    for key, value in root.value:
        yield key.start_mark.index, key.value
        if key.value == _FILES and isinstance(value, yaml.SequenceNode):
            yield from ((item.start_mark.index, _path(item)) for item in value.value)


def _path(item: yaml.Node) -> str:
    pairs = item.value if isinstance(item, yaml.MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value == "path"), _FILES)


def table(user_data: bytes) -> tuple[str, ...]:
    """The pieces as lines of a table."""
    return (
        f"{'bytes':>9} {'gzipped':>9}",
        *(f"{one.size:>9} {one.gzipped:>9}  {one.name}" for one in shares(user_data)),
    )
