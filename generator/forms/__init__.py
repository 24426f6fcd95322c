"""The files in which an image goes elsewhere: a row of forms.yaml each; how it is told by its bytes, and how read."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generator import data
from generator.forms import sentences

_ROWS = Path(__file__).with_name("forms.yaml")
_OTHERS = (".raw", ".img")  # disks that are no form of ours, whose names end like an image's

Stamp = Literal["", "vmdk", "vhd"]


@dataclass(frozen=True, slots=True)
class Form:
    """One row. `align_kib` 0 leaves the disk as large as it is; `pack` is empty where qemu-img writes the file."""

    name: str
    title: str
    suffix: str
    driver: str
    use: str
    sources: Sequence[str]
    compressed: bool = False
    alone: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    pack: Sequence[str] = ()
    align_kib: int = 0
    stamp: Stamp = ""

    @property
    def written(self) -> list[str]:
        """What qemu-img convert is told of the file that it writes."""
        words = ",".join(f"{key}={value}" for key, value in self.options.items())
        how = [*(["-c"] if self.compressed else []), *(["-m", "1"] if self.alone else [])]
        return ["-O", self.driver, *how, *(["-o", words] if words else [])]


@functools.cache
def known() -> Mapping[str, Form]:
    """Every form by its name."""
    return {name: Form(name=name, **row) for name, row in data.rows(_ROWS).items()}


def chosen(words: Sequence[str]) -> list[Form]:
    """The forms of which a command line speaks, with commas between names or without. Raises a usage error."""
    names = [name for word in words for name in word.split(",")]
    for name in names:
        if name not in known():
            raise sentences.unknown(name, list(known()))
    return [known()[name] for name in dict.fromkeys(names)]


def stem(image: Path) -> str:
    """The name of an image without what tells its form: that of all files about it begins so."""
    endings = sorted((*(form.suffix for form in known().values()), *_OTHERS), key=len, reverse=True)
    ending = next((ending for ending in endings if image.name.endswith(ending) and image.name != ending), image.suffix)
    return image.name.removesuffix(ending)


def is_file_of(name: str) -> bool:
    """Whether a file of this name is an image in one of the forms."""
    return name.endswith(tuple(form.suffix for form in known().values()))
