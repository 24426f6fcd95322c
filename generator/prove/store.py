"""What guests have told under faults, kept so that no run repeats what is known.

<image without its suffix>.prove/<fault>.<key>.json     what one boot told
                                 .lock                  held by the run that works here

In the cache where the image's own folder is not ours to write to. A key is made of all that decides what a guest
tells: the image's bytes, the profile, the observer's script, the fault's edits, and how it was booted. Not of what the
fault is predicted to turn red, nor of how its observations are judged: that is done anew each time. A boot that did
not come to its end is not kept: it may be another time.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator import __version__, locks
from generator.base import cache
from generator.model import Fault
from generator.prove import sentences


@dataclass(frozen=True, slots=True)
class Told:
    """The lines of one boot, its seconds by the clock, the making of its disk included, and QEMU's CPU seconds."""

    lines: tuple[str, ...]
    seconds: float
    cpu_seconds: float


def key(fault: Fault, circumstances: Mapping[str, str]) -> str:
    """The name of all that decides what a boot tells."""
    edits = [[type(edit).__name__, dataclasses.asdict(edit)] for edit in fault.edits]
    text = [__version__, fault.id, edits, fault.needs_cloud_init, dict(circumstances)]
    return digest(json.dumps(text, sort_keys=True, default=_in_letters))[:16]


def _in_letters(value: object) -> str:
    """Bytes, which JSON has not."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plain(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^\w.@-]", "_", name, flags=re.ASCII)


@dataclass(frozen=True, slots=True)
class Store:
    """One folder. Entries are written whole or not at all."""

    folder: Path
    circumstances: Mapping[str, str]

    def path(self, fault: Fault) -> Path:
        return self.folder / f"{plain(fault.id)}.{key(fault, self.circumstances)}.json"

    def load(self, fault: Fault) -> Told | None:
        """What is known; what cannot be read is not known."""
        try:
            found = json.loads(self.path(fault).read_text(encoding="utf-8"))
            return Told(tuple(map(str, found["lines"])), float(found["seconds"]), float(found["cpu_seconds"]))
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
            return None

    def save(self, fault: Fault, told: Told) -> None:
        path = self.path(fault)
        document = {"fault": fault.id, **self.circumstances, **dataclasses.asdict(told)}
        descriptor, name = tempfile.mkstemp(prefix=".new.", dir=self.folder)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


@contextmanager
def opened(image: Path, circumstances: Mapping[str, str]) -> Iterator[Store]:
    """The store of an image, for one run at a time. Raises LockedError."""
    folder = _folder(image, circumstances["image"])
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locks.held(folder / ".lock"))
        except BlockingIOError:
            raise sentences.busy(str(folder)) from None
        for left in folder.glob(".new.*"):  # of a run that was killed
            left.unlink(missing_ok=True)
        yield Store(folder, circumstances)


def _folder(image: Path, sha256: str) -> Path:
    beside = image.absolute().with_suffix(".prove")
    with contextlib.suppress(OSError):
        beside.mkdir(exist_ok=True)
        (beside / ".lock").touch()
        return beside
    folder = cache.root().parent / "prove" / sha256[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
