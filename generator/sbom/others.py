"""What is on a disk and in no package: what the profile wrote, what was made there, what somebody put there."""

from __future__ import annotations

from generator import contents, dpkg
from generator.model import Plan
from generator.offline import Disk
from generator.sbom.documents import Written

_NO_PACKAGE = "no package"
_RECORD = "/var/lib/dpkg/"  # dpkg's own, from which the packages are told
_COMPILED = "/__pycache__/"


def of(disk: Disk, plan: Plan) -> list[Written]:
    """These files, by path. A file of a package that the profile wrote over is one of them."""
    owned = dpkg.owned(read() for path, read in contents.files(disk) if _is_list(path))
    ours = {dpkg.canonical(file.path): f"setting {stem}" for stem, file in plan.files}
    found = contents.files(disk)
    return sorted(
        Written(path, ours.get(path, _NO_PACKAGE), read())
        for path, read in found
        if path in ours or _other(path, owned)
    )


def _is_list(path: str) -> bool:
    return path.startswith(f"{dpkg.INFO}/") and path.endswith(".list")


def _other(path: str, owned: frozenset[str]) -> bool:
    return path not in owned and not path.startswith(_RECORD) and _source(path) not in owned


def _source(path: str) -> str:
    """The .py that Python compiled this from; "" for what is no such file."""
    folder, sign, name = path.partition(_COMPILED)
    return f"{folder}/{name.split('.')[0]}.py" if sign else ""
