"""From Packer's output to the image that a user finds: looked at, hashed, on the disk, and put in place at once."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from generator import errors, proc
from generator.model import Image


def publish(made: Path, final: Path) -> Image:
    """Check the image at `made` and move it to `final`, in the same file system. Raises ToolError if it is unsound."""
    _examine(made)
    made.chmod(0o644)
    digest = _hash_and_sync(made)
    made.replace(final)
    _sync_folder(final.parent)
    return Image(final, digest)


def _examine(image: Path) -> None:
    proc.run(["qemu-img", "check", "-q", "-f", "qcow2", image])
    facts = json.loads(proc.run(["qemu-img", "info", "-f", "qcow2", "--output=json", image]))
    if "backing-filename" in facts:
        raise errors.not_standalone(str(facts["backing-filename"]))


def _hash_and_sync(image: Path) -> str:
    with image.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
