"""Being root over files without being root: as root nothing is needed, an ordinary user gets a user namespace."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from generator import errors, proc

_UNSHARE = ("unshare", "--map-root-user", "--map-auto", "--")


def mode() -> str:
    """mmdebstrap's --mode."""
    return "root" if os.geteuid() == 0 else "unshare"


def prefix() -> tuple[str, ...]:
    """Words to put before a command that must own files of many users. Raises ToolError where that cannot be had."""
    if os.geteuid() == 0:
        return ()
    try:
        proc.find("newuidmap")
    except errors.ToolError:
        raise errors.tool_missing("newuidmap", "uidmap") from None
    try:
        proc.run([*_UNSHARE, "true"])
    except errors.ToolError as error:
        raise errors.no_namespaces(error.sentence) from None
    return _UNSHARE


def remove(path: Path) -> None:
    """Remove a folder, also one in which an interrupted build left files of its namespace's other users."""
    try:
        shutil.rmtree(path)
    except PermissionError:
        proc.run([*prefix(), "rm", "-rf", "--", path])
