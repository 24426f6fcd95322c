"""The only writer below output/: staged beside its place, exchanged in one step, the manifest written last."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from generator import __version__, errors, locks, regular, scratch, stop, strict_json
from generator.model import Artefact, Plan
from generator.sentences import places

_LARGEST = 16 << 20  # bytes of a manifest

MANIFEST = "manifest.json"
_STAGE = ".stage-"
_PROBE = ".stage-nodebake-probe-"
_RENAME_EXCHANGE = 2  # renameat2(2)
_AT_FDCWD = -100


def below(named: str) -> Path:
    """The folder that -o names. Where it is a link, whoever may change that has another's output come elsewhere."""
    if (folder := Path(named)).is_symlink():
        raise places.is_a_link(named, str(folder.resolve()))
    return folder


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Hold the lock on one output directory. Raises LockedError when somebody else does."""
    with ExitStack() as stack:
        with writing(directory):
            _refuse_file(directory)
            directory.parent.mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(locks.held(directory.parent / f".{directory.name}.lock"))
            except BlockingIOError:
                raise errors.locked(str(directory)) from None
        yield


def publish(
    directory: Path,
    plan: Plan,
    artefacts: Sequence[Artefact],
    image: dict[str, Any] | None = None,
    brought: Sequence[Path] = (),
) -> None:
    """Replace a directory by these artefacts; call it under `hold`.

    What nodebake did not render (an image, logs) stays. `image` is what the manifest says of a built image, and
    `brought` that image and its other forms, files in the same file system, which appear in the same step, and those
    of the old one are gone; without them what the old manifest said stays. Raises ToolError when the disk refuses, with
    the old directory as it was.
    """
    with writing(directory), scratch.folder(directory.parent, f"{_STAGE}{directory.name}-") as stage:
        for artefact in artefacts:
            write(stage / artefact.path, artefact.content, artefact.mode)
        for path in brought:
            _link(path, stage / path.name)
        old = read_manifest(directory)
        gone = _forms(old.get("image")) if image else set()
        listed_then = old.get("artefacts")
        _keep_foreign(directory, stage, {*(listed_then if isinstance(listed_then, dict) else ()), *gone})
        manifest = _manifest(plan, artefacts, image or old.get("image"))
        write(stage / MANIFEST, manifest, 0o644)
        stage.chmod(0o755)
        exchange(stage, directory)


def _manifest(plan: Plan, artefacts: Sequence[Artefact], image: dict[str, Any] | None) -> bytes:
    document: dict[str, Any] = {
        "tool": f"nodebake {__version__}",
        "profile": {"name": plan.profile.name, "sha256": plan.profile.digest},
        "distro": plan.distro.id,
        "artefacts": listed(artefacts),
    }
    if image is not None:
        document["image"] = image
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def listed(artefacts: Sequence[Artefact]) -> dict[str, str]:
    """What a manifest says of them: the sha256 of each, by its path."""
    return {artefact.path: hashlib.sha256(artefact.content).hexdigest() for artefact in artefacts}


def read_manifest(directory: Path) -> dict[str, Any]:
    """What the manifest of a directory says; nothing where it has none, or one that is no JSON or has a key twice."""
    try:
        found = strict_json.loads(regular.read(directory / MANIFEST, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _forms(image: object) -> set[str]:
    """The names of an image's other forms, by its manifest: of a new image they are none. A path is not ours."""
    named = image.get("forms") if isinstance(image, dict) else None
    rows = named.values() if isinstance(named, dict) else ()
    names = {str(row.get("file")) for row in rows if isinstance(row, dict)}
    return {name for name in names if Path(name).name == name}


def _keep_foreign(directory: Path, stage: Path, ours: set[str]) -> None:
    """Bring what we did not render into the new directory: an image is not copied for a new user-data."""
    for found in _foreign(directory, {directory / path for path in (*ours, MANIFEST)}):
        target = stage / found.relative_to(directory)
        if os.path.lexists(target):
            continue
        _folder(target.parent)
        if found.is_dir() and not found.is_symlink():
            target.mkdir(0o700)
            target.chmod(found.stat().st_mode & 0o7777 | 0o700)
        else:
            _link(found, target)


def _foreign(directory: Path, ours: set[Path]) -> Iterator[Path]:
    """What lies below a directory and is not ours, nor a folder of ours; each folder before what is in it."""
    known = {*ours, *(parent for path in ours for parent in path.parents)}
    for folder, folders, files in os.walk(directory, onerror=_fail):
        for name in sorted((*folders, *files)):
            if (found := Path(folder, name)) not in known:
                yield found


def _fail(error: OSError) -> None:
    """What cannot be read would vanish; os.walk passes over it unless it is told not to."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _link(found: Path, target: Path) -> None:
    """Another user's file may not be linked (protected_hardlinks), and not every file system has links: then a copy."""
    try:
        os.link(found, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(found, target, follow_symlinks=False)


def _folder(folder: Path) -> None:
    """Make it and what is missing above it, with the same mode under every umask."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir()
        missing.chmod(0o755)


def write(path: Path, content: bytes, mode: int) -> None:
    _folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)


def exchange(stage: Path, directory: Path) -> None:
    """Put the stage in the directory's place in one step, and remove what was there before, which then is the stage.

    A signal is too late from here on. Raises OSError where nothing was replaced, ToolError where the disk does not
    confirm that it was.
    """
    stop.too_late()
    _swap(stage, directory)
    shutil.rmtree(stage, ignore_errors=True)  # another user's logs in it are not ours to remove
    confirm(directory)


def _swap(stage: Path, directory: Path) -> None:
    if not directory.exists():
        stage.rename(directory)
    else:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
        if renameat2(_AT_FDCWD, os.fsencode(stage), _AT_FDCWD, os.fsencode(directory), _RENAME_EXCHANGE) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def exchanges(parent: Path) -> bool:
    """Whether the file system of a folder exchanges two others in it; also True where neither can be made there."""
    try:
        with scratch.folder(parent, _PROBE) as one, scratch.folder(parent, _PROBE) as other:
            _swap(one, other)
    except OSError as error:
        return error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
    return True


def confirm(path: Path) -> None:
    """Have the disk know a name that was just given. Raises ToolError: it is there for now, and may be gone after a
    loss of power."""
    try:
        parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)
    except OSError as error:
        raise places.not_confirmed(str(path), error.strerror or str(error)) from None


def _refuse_file(directory: Path) -> None:
    """Neither the directory nor one above it is a file; itself it is not even a link to one."""
    there = next(path for path in (directory, *directory.parents) if os.path.lexists(path))
    if directory.is_symlink() or not there.is_dir():
        raise places.not_a_directory(str(there))


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise places.cannot_write(str(error.filename or directory), error.strerror or str(error)) from None
