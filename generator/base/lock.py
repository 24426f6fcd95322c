"""A lock: what a base was made of when somebody looked, kept beside the profile. A build of another base is refused.

A lock is not what makes a base trustworthy. Packages come with apt's signed Releases, an image by address with the
sha256 in the profile, and neither can be left out. A lock makes the next build be of the same: so it is a file that one
may have.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator import __version__, regular, strict_json
from generator import base as bases
from generator.base import archive, sentences
from generator.model import BasePin, Image, Profile

ENDING = ".lock.json"
_VERSION = "nodebake/lock/v1"
_LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Lock:
    """`base` is a distribution's id or an address, `image_sha256` the qcow2's that builds begin with.

    `packages` maps name:architecture to version and sha256, `releases` a Release's codename to its date and sha256;
    both are empty for an image by address, which has `sha512` where the file there is the one that builds begin with,
    and in `signed_by` the fingerprint of who vouches for it, if the profile asks for that.
    """

    base: str
    variant: str
    image_sha256: str
    packages: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    sha512: str = ""
    signed_by: str = ""
    tool: str = f"nodebake {__version__}"


def of(base: str | BasePin, image: Image, variant: str) -> Lock:
    """What a base that was obtained is made of."""
    if isinstance(base, BasePin):
        same = image.sha256 == base.sha256.lower()
        sha512, signed_by = _sha512(image.path) if same else "", base.signed.fingerprint if base.signed else ""
        return Lock(base.told, variant, image.sha256, sha512=sha512, signed_by=signed_by)
    packages, releases = (_table(image.path.parent / name) for name in (archive.PACKAGES, archive.RELEASES))
    rows = {f"{name}:{arch}": f"{version} sha256:{sha256}" for name, version, arch, sha256 in packages}
    signed = {codename: f"{date} sha256:{sha256}" for codename, date, sha256 in releases}
    return Lock(base, variant, image.sha256, rows, signed)


def obtained(profile: Profile, variant: str, *, refresh: bool) -> Lock:
    """The lock of the base that a build would begin with now, which is made if need be. Raises as base.obtain does."""
    image = bases.obtain(profile.base, variant=variant, refresh=refresh, mirror=profile.mirror or None)
    return of(profile.base, image, variant)


def dated(url: str) -> bool:
    """Whether an address names a day or a build: one that does not will have other bytes some day."""
    return re.search(r"[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}", url) is not None


def write(lock: Lock) -> bytes:
    """The file: a line a package, so that a diff of two shows what changed."""
    document = {"apiVersion": _VERSION, **{name: getattr(lock, name) for name in Lock.__slots__}}
    return (
        json.dumps({key: value for key, value in document.items() if value}, indent=1, sort_keys=True) + "\n"
    ).encode()


def read(path: Path) -> tuple[Lock, str]:
    """A lock, and the sha256 of its file. Raises a refusal for what is none."""
    try:
        raw = regular.read(path, _LARGEST)
        document = strict_json.loads(raw)
    except OSError as error:
        raise sentences.no_lock(str(path), error.strerror or str(error)) from None
    except strict_json.KeyTwiceError as error:
        raise sentences.no_lock(str(path), sentences.key_twice(error.key)) from None
    except (ValueError, RecursionError):
        raise sentences.no_lock(str(path), "this is no JSON") from None
    return _lock(path, document), hashlib.sha256(raw).hexdigest()


def _lock(path: Path, document: Any) -> Lock:  # noqa: ANN401 - JSON
    if not isinstance(document, dict) or document.pop("apiVersion", None) != _VERSION:
        raise sentences.no_lock(str(path), f"its apiVersion is not {_VERSION}")
    try:
        lock = Lock(**document)
    except TypeError:
        raise sentences.no_lock(str(path), "a key is missing, or one too many") from None
    if not all(_sound(name, value) for name, value in document.items()):
        raise sentences.no_lock(str(path), "a value is of another kind")
    return lock


def _sound(name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Texts, in a table or alone."""
    if name in ("packages", "releases"):
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    return isinstance(value, str)


def wanted(source: str, named: str | None, *, must: bool) -> Path | None:
    """The lock of a profile: the one that is named, else the one beside it, if there is one.

    Raises a refusal where one `must` be there and is not.
    """
    path = Path(named) if named else beside(source)
    if path is not None and (named or path.exists()):
        return path
    if must:
        raise sentences.not_locked(str(path or "the lock of a profile from stdin"))
    return None


def beside(source: str) -> Path | None:
    """Where the lock of a profile lies; nowhere for one that came from stdin."""
    return Path(source).with_suffix(ENDING) if source != "-" else None


def hold(file: str, lock: Lock, found: Lock) -> None:
    """Raises CheckFailed, with all that differs, where a base is not what was locked."""
    if why := list(differences(lock, found)):
        raise sentences.not_as_locked(file, why)


def differences(lock: Lock, found: Lock) -> Iterator[str]:
    """What `found` is that the lock is not. The bytes of the image are told where there is nothing else."""
    if (lock.base, lock.variant) != (found.base, found.variant):
        yield sentences.other_base(f"{found.base} ({found.variant})", f"{lock.base} ({lock.variant})")
        return
    if lock.signed_by != found.signed_by:
        yield sentences.other_signer(found.signed_by, lock.signed_by)
    for name in sorted({*lock.packages, *found.packages}):
        if lock.packages.get(name) != found.packages.get(name):
            yield sentences.other_package(name, found.packages.get(name), lock.packages.get(name))
    if lock.packages == found.packages and lock.image_sha256 != found.image_sha256:
        yield sentences.other_bytes(found.image_sha256, lock.image_sha256)


def _table(path: Path) -> list[list[str]]:
    return list(archive.table(path.read_text(encoding="utf-8")))


def _sha512(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()
