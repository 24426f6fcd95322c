"""The files of sysctl.d as a guest shows them: one command, and what it prints -> Tree.

Not `systemd-analyze cat-config`: it shows neither what masks nor a credential, takes a comment for a file's name, and
stops at a link that leads nowhere.
"""

from __future__ import annotations

import io
import tarfile

from generator.sysctl_conf.files import CREDENTIAL, FOLDERS, PROCPS_LAST, UNIT
from generator.sysctl_conf.tree import Link, Node, Tree

_FOLDERS = FOLDERS[:-1]  # /lib is /usr/lib wherever systemd 252 or later is at home
_PLACES = (
    *(f"{folder}/sysctl.d" for folder in _FOLDERS),
    *(f"{folder}/{CREDENTIAL}" for folder in _FOLDERS),
    PROCPS_LAST,
    f"/etc/{UNIT}",
)
# Links are stored as links, and then once more as what they lead to: what is still a link in the end leads nowhere.
_SCRIPT = """\
for place do
  shift
  [ ! -d "$place" ] || place=$place/
  [ ! -e "$place" ] && [ ! -L "$place" ] || set -- "$@" "$place"
done
[ "$#" -gt 0 ] || set -- /dev/null
look() { find "$@" \\( -name "*.conf" -o -name "*.extra" -o -name "*.service" \\) -print0; }
pack() { tar -cf - -b 1 -P --hard-dereference --no-recursion --null -T - "$@" 2>/dev/null; }
look "$@" -maxdepth 1 | pack
look "$@" -maxdepth 1 -type l ! -xtype l ! -xtype d | pack -h
printf complete
"""
_END = b"complete"  # observe.sh cuts off what is too much
COMMAND = ("sh", "-c", _SCRIPT, "sh", *_PLACES)


def files(printed: bytes) -> Tree | None:
    """None where it is not what COMMAND prints: cut off, or something else. Any bytes are taken."""
    found: dict[str, Node] = {}
    if not printed.endswith(_END):
        return None
    if printed == _END:
        return found
    try:
        with tarfile.open(fileobj=io.BytesIO(printed.removesuffix(_END)), mode="r:", ignore_zeros=True) as archive:
            for member in archive:
                if not member.name.startswith("/") or member.size > len(printed):
                    return None
                found[member.name] = _node(archive, member)
    except (tarfile.TarError, ValueError, OSError, EOFError, ArithmeticError):
        return None
    return found


def _node(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Node:
    if member.issym():
        return Link(member.linkname)
    if member.ischr() and (member.devmajor, member.devminor) == (1, 3):
        return b""
    content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
    return content.read() if content else None
