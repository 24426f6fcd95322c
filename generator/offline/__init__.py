"""The root file system of a disk that nobody runs, read and changed: no mount, no loop device, no root, in no time.

For ext2 to ext4. It is read as bytes (ext4.py, reading.py) and changed by debugfs of e2fsprogs (editing.py).
"""

from __future__ import annotations

from generator.offline.disks import Disk, again, copy, data, find, partitions, volume
from generator.offline.editing import ask, edit, rewritten
from generator.offline.reading import dumped, folder, kind, listing, modified, read

__all__ = [
    "Disk",
    "again",
    "ask",
    "copy",
    "data",
    "dumped",
    "edit",
    "find",
    "folder",
    "kind",
    "listing",
    "modified",
    "partitions",
    "read",
    "rewritten",
    "volume",
]
