"""The last look before an image is published: all that is said of it is good, and about these very bytes.

It asks no record of the run, but the results themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator import errors, output
from generator.attest import results
from generator.attest.results import Result
from generator.pipeline import sentences


def hold(cell: str, image: str, profile: str, verified: Path, proven: Path) -> None:
    """`image` and `profile` are sha256. Raises CheckFailed, with all that speaks against it."""
    why = [
        *_manifest(verified.with_name(output.MANIFEST), image, profile),
        *_look(results.verified, verified, image, profile),
        *_look(results.proven, proven, image, profile),
    ]
    if why:
        raise sentences.not_published(cell, why)


def _manifest(path: Path, image: str, profile: str) -> Iterator[str]:
    """It goes with the image, and says what that was built from."""
    if not path.is_file():
        yield sentences.gone(path.name)
        return
    found = output.read_manifest(path.parent)
    built, rendered = (part if isinstance(part, dict) else {} for part in (found.get("image"), found.get("profile")))
    if built.get("sha256") != image:
        yield sentences.about_another(path.name, "image")
    if (built.get("profile_sha256"), rendered.get("sha256")) != (profile, profile):
        yield sentences.about_another(path.name, "profile")


def _look(read: results.Reader, path: Path, image: str, profile: str) -> Iterator[str]:
    if not path.is_file():
        yield sentences.gone(path.name)
        return
    try:
        found: Result = read(path, image, profile)
    except errors.NodebakeError as error:  # of another image or profile, or no result at all
        yield error.sentence
        return
    if found.outcome == results.FAILED or found.failed or not found.passed:
        yield sentences.failed(path.name, found.outcome)
