"""A root file system as far as it was looked at: absolute paths, and what lies there. Links are followed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_MOST_LINKS = 40  # as the kernel's, path_resolution(7)


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link; `target` is absolute, or relative to the link's folder."""

    target: str


Node = bytes | Link | None  # a file's content, a link, or something else: a folder, a device
Tree = Mapping[str, Node]


def real(tree: Tree, path: str) -> str | None:
    """The path without links; it need not be there. None where links lead nowhere but to one another."""
    left, done, followed = path.split("/")[::-1], list[str](), 0
    while left:
        part = left.pop()
        node = tree.get("/" + "/".join([*done, part])) if part not in ("", ".", "..") else None
        if isinstance(node, Link):
            followed += 1
            if followed > _MOST_LINKS:
                return None
            done = [] if node.target.startswith("/") else done
            left += node.target.split("/")[::-1]
        elif part == "..":
            done = done[:-1]
        elif part not in ("", "."):
            done.append(part)
    return "/" + "/".join(done)


def place(tree: Tree, path: str) -> str:
    """Where a file comes to lie that is laid at `path`: it takes the place of a link, but its folders may be links."""
    folder, _, name = path.rpartition("/")
    return f"{(real(tree, folder) or folder).rstrip('/')}/{name}"


def read(tree: Tree, path: str) -> bytes | None:
    """The content of a file; None for what cannot be read. /dev/null is there and empty."""
    where = real(tree, path)
    if where is None:
        return None
    node = tree.get(where)
    return node if isinstance(node, bytes) else b"" if where == "/dev/null" else None


def names(tree: Tree, folder: str) -> list[str]:
    """What lies in a folder, in the order of strcmp(3)."""
    where = real(tree, folder)
    inside = {path[len(where) + 1 :].partition("/")[0] for path in tree if where and path.startswith(f"{where}/")}
    return sorted(inside - {""}, key=lambda name: name.encode("utf-8", "surrogateescape"))
