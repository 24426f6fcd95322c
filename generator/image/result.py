"""From Packer's output to the image that a user finds: looked at, hashed, and on the disk before it is put in place."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from generator import errors, output, proc, stop
from generator.model import Image


def checked(made: Path) -> Image:
    """An image that is sound, and on the disk. Raises ToolError if it is not."""
    _examine(made)
    return sealed(made)


def sealed(made: Path) -> Image:
    """An image for everybody to read, hashed, and on the disk. Raises OSError."""
    made.chmod(0o644)
    return Image(made, _hash_and_sync(made))


def put(made: Image, final: Path) -> None:
    """Move it to `final`, in the same file system."""
    stop.too_late()
    made.path.replace(final)
    output.confirm(final)


def _examine(image: Path) -> None:
    proc.run(["qemu-img", "check", "-q", "-f", "qcow2", image])
    facts = json.loads(proc.run(["qemu-img", "info", "-f", "qcow2", "--output=json", image]))
    if "backing-filename" in facts:
        raise errors.not_standalone(str(facts["backing-filename"]))


def _hash_and_sync(image: Path) -> str:
    with image.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
