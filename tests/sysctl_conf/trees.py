"""Trees for tests: as a guest would show them, and as files on a disk."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from generator.sysctl_conf import Link, Tree


def seen(tree: Tree) -> bytes:
    """What the observer prints of a tree."""
    printed = io.BytesIO()
    with tarfile.open(fileobj=printed, mode="w") as archive:
        for path, node in tree.items():
            member = tarfile.TarInfo(path)
            content = node if isinstance(node, bytes) else b""
            member.size = len(content)
            if isinstance(node, Link):
                member.type, member.linkname = tarfile.SYMTYPE, node.target
            archive.addfile(member, io.BytesIO(content))
    return printed.getvalue() + b"complete"


def lay(tree: Tree, root: Path) -> None:
    """Make it real below `root`."""
    for path, node in tree.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(node, Link):
            target.symlink_to(node.target)
        elif node is not None:
            target.write_bytes(node)
